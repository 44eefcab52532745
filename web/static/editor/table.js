// The rows of an answer as a plain table: sorted by a click on a heading, filtered by a word, drawn
// a hundred rows at a time. It takes the place of YASR's own table, which writes inline style.
import { el, number, t } from "./words.js";
import { folded } from "./completion.js";
import { amount, isNumber, node, text } from "./terms.js";

const STEP = 100;

const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
const compared = (a, b) => (isNumber(a) && isNumber(b) ? Number(a.value) - Number(b.value) : collator.compare(text(a), text(b)));

export class Table {
  label = t("view.table");
  priority = 10;
  constructor(yasr) { this.yasr = yasr; }

  canHandleResults() { return Boolean(this.yasr.results?.getVariables()?.length); }

  draw() {
    this.names = this.yasr.results.getVariables();
    this.all = this.yasr.results.getBindings();
    this.wanted = this.all;
    this.shown = STEP;
    this.sorted = null;
    const filter = el("input", { type: "search", class: "row-filter", "aria-label": t("filter"), placeholder: t("filter"), oninput: () => this.filter(filter.value) });
    this.headings = this.names.map((name) => this.heading(name));
    this.body = el("tbody");
    this.more = el("button", { type: "button", class: "plain", onclick: () => { this.shown += STEP; this.rows(); } });
    this.count = el("span", { class: "quiet", role: "status" });
    this.yasr.resultsEl.append(
      ...(this.all.length > 10 ? [el("p", { class: "row-tools" }, filter, this.count)] : []),
      el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("view.table") },
        el("table", { class: "rows stack" }, el("thead", {}, el("tr", {}, ...this.headings)), this.body)),
      this.more);
    this.rows();
  }

  heading(name) {
    const numeric = this.all.some((row) => row[name]) && this.all.every((row) => !row[name] || isNumber(row[name]));
    return el("th", { scope: "col", "data-name": name, class: numeric ? "number" : undefined },
      el("button", { type: "button", onclick: () => this.sort(name) }, name));
  }

  sort(name) {
    const down = this.sorted === name;
    this.sorted = down ? null : name;
    this.wanted = [...this.wanted].sort((a, b) => (down ? -1 : 1) * compared(a[name], b[name]));
    for (const heading of this.headings) heading.removeAttribute("aria-sort");
    this.headings[this.names.indexOf(name)].setAttribute("aria-sort", down ? "descending" : "ascending");
    this.rows();
  }

  filter(typed) {
    const wish = folded(typed);
    this.wanted = this.all.filter((row) => this.names.some((name) => folded(text(row[name])).includes(wish)));
    this.shown = STEP;
    this.count.textContent = wish ? t("rows", { count: number(this.wanted.length) }) : "";
    this.rows();
  }

  rows() {
    this.body.replaceChildren(...this.wanted.slice(0, this.shown).map((row) => el("tr", {}, ...this.names.map((name) =>
      el("td", { "data-heading": name, class: isNumber(row[name]) ? "number" : undefined },
        isNumber(row[name]) ? amount(row[name]) : node(row[name]))))));
    const left = this.wanted.length - this.shown;
    this.more.hidden = left <= 0;
    this.more.textContent = t("more", { count: number(Math.min(left, STEP)), left: number(left) });
  }
}
