// Bars for the numbers of an answer. The chart is a table whose bars are drawings: it reads aloud,
// and its figures stand beside the bars.
import { el, number, svg, t } from "./words.js";
import { isNumber, node, text } from "./terms.js";
import { coordinates } from "./points.js";

const MOST = 60;

export class Chart {
  label = t("view.chart");
  priority = 4;
  constructor(yasr) { this.yasr = yasr; }

  columns() {
    const names = this.yasr.results?.getVariables() ?? [];
    const rows = this.yasr.results?.getBindings() ?? [];
    const places = coordinates(this.yasr.results)?.names ?? [];
    const numeric = names.filter((name) => !places.includes(name)
      && rows.some((row) => isNumber(row[name])) && rows.every((row) => !row[name] || isNumber(row[name])));
    const others = names.filter((name) => !numeric.includes(name) && !places.includes(name) && rows.some((row) => row[name]));
    const words = others.filter((name) => rows.some((row) => row[name] && row[name].type !== "uri"));
    return { rows, numeric, labels: words.length ? words.slice(0, 2) : others.slice(0, 1) };
  }

  canHandleResults() {
    const { rows, numeric, labels } = this.columns();
    return rows.length > 1 && numeric.length > 0 && labels.length > 0;
  }

  draw() {
    const { numeric } = this.columns();
    this.chosen = numeric.includes(this.chosen) ? this.chosen : numeric[0];
    const place = el("div");
    const choice = el("select", { id: "chart-column", onchange: () => { this.chosen = choice.value; this.bars(place); } },
      ...numeric.map((name) => el("option", { value: name, selected: name === this.chosen }, name)));
    if (numeric.length > 1) this.yasr.resultsEl.append(el("p", { class: "row-tools" }, el("label", { for: "chart-column" }, t("chart.column")), choice));
    this.yasr.resultsEl.append(place);
    this.bars(place);
  }

  bars(place) {
    const { rows, labels } = this.columns();
    const kept = rows.filter((row) => row[this.chosen]);
    const values = kept.map((row) => Number(row[this.chosen].value));
    const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
    const scale = (value) => (100 * (value - low)) / (high - low || 1);
    const bar = (value) => svg("svg", { class: "bar-drawn", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("rect", { class: "bar-rail", width: 100, height: 10 }),
      svg("rect", { class: "bar-level", x: Math.min(scale(0), scale(value)), width: Math.abs(scale(value) - scale(0)), height: 10 }));
    const line = (row, value) => el("tr", {},
      el("th", { scope: "row" }, ...labels.flatMap((name, i) => (row[name] ? [i ? " · " : "", node(row[name])] : []))),
      el("td", { class: "bar-cell" }, bar(value)),
      el("td", { class: "number" }, number(value)));
    place.replaceChildren(
      el("table", { class: "bar-chart" },
        el("caption", {}, t("chart.caption", { value: this.chosen, label: labels.join(", ") })),
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, labels.join(" · ")), el("th", { "aria-hidden": "true" }),
          el("th", { scope: "col", class: "number" }, this.chosen))),
        el("tbody", {}, ...kept.slice(0, MOST).map((row, i) => line(row, values[i])))),
      kept.length > MOST ? el("p", { class: "quiet" }, t("chart.cut", { most: MOST, count: number(kept.length) })) : "");
  }
}

export const labelOf = (row, names) => names.map((name) => text(row[name])).filter(Boolean).join(" · ");
