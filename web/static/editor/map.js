// Points of an answer on a map of our own: outlines of Natural Earth, no tiles, no other host.
// Mercator up to 84°; the wheel, drag, buttons and arrow keys move it.
import { el, number, svg, t } from "./words.js";
import { labelOf } from "./chart.js";
import { address } from "./terms.js";
import { coordinates } from "./points.js";

const [TALLEST, MOST] = [560, 3000];
const x = (lon) => (lon + 180) / 360;
const y = (lat) => {
  const bound = Math.max(-84, Math.min(84, lat)) * Math.PI / 180;
  return 0.5 - Math.log(Math.tan(Math.PI / 4 + bound / 2)) / (2 * Math.PI);
};

let outlines;

/** Return a ring that goes on past the antimeridian instead of crossing the whole map. */
function unwrapped(ring) {
  let turns = 0;
  return ring.map(([a, b], i) => {
    const step = i ? a - ring[i - 1][0] : 0;
    if (Math.abs(step) > 0.5) turns -= Math.sign(step);
    return [a + turns, b];
  });
}

/** Return the outlines as one SVG path in a world of 1 × 1, from TopoJSON's delta-coded arcs. */
async function world() {
  const answer = await fetch(new URL("../vendor/world-atlas/countries-50m.json", import.meta.url));
  const { arcs, objects, transform: { scale, translate } } = await answer.json();
  const lines = arcs.map((arc) => {
    let [a, b] = [0, 0];
    return arc.map(([da, db]) => {
      [a, b] = [a + da, b + db];
      return [x(a * scale[0] + translate[0]), y(b * scale[1] + translate[1])];
    });
  });
  const along = (arc) => (arc < 0 ? [...lines[~arc]].reverse() : lines[arc]);
  const ring = (parts) => `M${unwrapped(parts.flatMap((arc, i) => along(arc).slice(i ? 1 : 0))).map(([a, b]) => `${a.toFixed(6)} ${b.toFixed(6)}`).join("L")}Z`;
  const polygons = objects.countries.geometries
    .flatMap(({ type, arcs: parts }) => (type === "Polygon" ? [parts] : parts));
  return polygons.map((rings) => rings.map(ring).join("")).join("");
}

/** Return the lines of latitude and longitude a view needs, and what to write on them. */
function graticule(view) {
  const degrees = view.size * 360;
  const step = [30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1].find((one) => degrees / one >= 4) ?? 0.1;
  const lines = [];
  const name = (value, plus, minus) => `${number(Math.abs(Number(value.toFixed(1))))}° ${value < 0 ? minus : plus}`;
  for (let lon = -180; lon <= 180 + 1e-9; lon += step) lines.push({ lon, text: name(lon, t("east"), t("west")) });
  for (let lat = -80; lat <= 80 + 1e-9; lat += step) lines.push({ lat, text: name(lat, t("north"), t("south")) });
  return lines;
}

export class Map {
  label = t("view.map");
  priority = 6;
  constructor(yasr) { this.yasr = yasr; }

  canHandleResults() { return coordinates(this.yasr.results) !== null; }

  async draw() {
    const { names, placed } = coordinates(this.yasr.results);
    const labels = this.yasr.results.getVariables().filter((name) => !names.includes(name));
    this.words = labels.filter((name) => placed.some(({ row }) => row[name] && row[name].type !== "uri"));
    this.link = labels.find((name) => placed.some(({ row }) => row[name]?.type === "uri"));
    this.placed = placed.slice(0, MOST);
    this.land = svg("path", { class: "map-land" });
    this.grid = svg("g", { class: "map-grid", "aria-hidden": "true" });
    this.points = svg("g", { class: "map-points" });
    this.names = svg("g", { class: "map-names", "aria-hidden": "true" });
    this.width = Math.max(280, this.yasr.resultsEl.clientWidth);
    this.height = Math.min(TALLEST, Math.max(320, this.width * 0.6));
    this.drawing = svg("svg", { class: "map", viewBox: `0 0 ${this.width} ${this.height}`, tabindex: "0", role: "group",
      "aria-label": t("map.caption", { count: number(placed.length) }) }, this.land, this.grid, this.points, this.names);
    this.listen();
    const missing = this.yasr.results.getBindings().length - placed.length;
    this.yasr.resultsEl.append(
      el("figure", { class: "map-figure" },
        el("div", { class: "map-tools" },
          ...[["+", t("map.in"), () => this.zoom(0.6)], ["−", t("map.out"), () => this.zoom(1 / 0.6)], ["⤢", t("map.fit"), () => this.fit()]]
            .map(([sign, name, onclick]) => el("button", { type: "button", "aria-label": name, title: name, onclick }, sign))),
        this.drawing,
        el("figcaption", { class: "quiet" }, t("map.caption", { count: number(placed.length) }),
          missing > 0 ? " " + t("map.missing", { count: number(missing) }) : "",
          placed.length > MOST ? " " + t("map.cut", { most: number(MOST) }) : "", " ", t("map.source"))));
    this.fit();
    outlines ??= world();
    this.land.setAttribute("d", await outlines);
  }

  /** Show all points, leaving out no more than a margin; a single one is shown with its country. */
  fit() {
    const xs = this.placed.map((one) => x(one.lon));
    const ys = this.placed.map((one) => y(one.lat));
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const size = Math.max((right - left) * 1.2, (bottom - top) * 1.2 * this.width / this.height, 0.02);
    this.view = { x: (left + right) / 2, y: (top + bottom) / 2, size: Math.min(size, 1) };
    this.place();
  }

  zoom(by, at = this.view) {
    const size = Math.max(0.0005, Math.min(1, this.view.size * by));
    const kept = size / this.view.size;
    this.view = { size, x: at.x + (this.view.x - at.x) * kept, y: at.y + (this.view.y - at.y) * kept };
    this.place();
  }

  place() {
    const { view } = this;
    const k = this.width / view.size;
    const [left, top] = [this.width / 2 - view.x * k, this.height / 2 - view.y * k];
    this.land.setAttribute("transform", `matrix(${k} 0 0 ${k} ${left} ${top})`);
    this.grid.replaceChildren(...graticule(view).flatMap(({ lon, lat, text }) => this.line(lon === undefined ? null : left + k * x(lon), lat === undefined ? null : top + k * y(lat), text)));
    const radius = this.placed.length > 300 ? 4 : 6;
    const spots = this.placed.map((one) => ({ one, cx: left + k * x(one.lon), cy: top + k * y(one.lat) }))
      .filter(({ cx, cy }) => cx > -9 && cx < this.width + 9 && cy > -9 && cy < this.height + 9);
    this.points.replaceChildren(...spots.map((spot) => this.point(spot, radius)));
    this.write(spots);
  }

  line(across, down, text) {
    const place = across ?? down;
    if (place < 0 || place > (across === null ? this.height : this.width)) return [];
    const [ends, at] = across === null
      ? [{ x1: 0, x2: this.width, y1: down, y2: down }, { x: 6, y: down - 4 }]
      : [{ x1: across, x2: across, y1: 0, y2: this.height }, { x: across + 4, y: this.height - 8 }];
    return [svg("line", ends), svg("text", at, text)];
  }

  point({ one, cx, cy }, r) {
    const name = labelOf(one.row, this.words) || `${one.lat}, ${one.lon}`;
    const dot = svg("circle", { cx, cy, r }, svg("title", {}, name));
    const href = this.link && one.row[this.link] ? address(one.row[this.link].value) : null;
    return href ? svg("a", { href, "aria-label": name }, dot) : dot;
  }

  /** Write the names that do not cover one another. */
  write(spots) {
    const taken = [];
    const written = spots.slice(0, 400).flatMap(({ one, cx, cy }) => {
      const whole = this.words.length ? labelOf(one.row, this.words.slice(0, 1)) : "";
      const name = whole.length > 32 ? whole.slice(0, 31) + "…" : whole;
      const box = { left: cx + 9, right: cx + 12 + name.length * 7.2, top: cy - 9, bottom: cy + 9 };
      const isFree = name && box.right < this.width && taken.every((other) => box.right < other.left || box.left > other.right || box.bottom < other.top || box.top > other.bottom);
      if (!isFree) return [];
      taken.push(box);
      return [svg("text", { x: cx + 9, y: cy + 4.5 }, name)];
    });
    this.names.replaceChildren(...written);
  }

  listen() {
    const { drawing } = this;
    const world = (event) => {
      const box = drawing.getBoundingClientRect();
      return { x: this.view.x + ((event.clientX - box.left) / box.width - 0.5) * this.view.size,
        y: this.view.y + ((event.clientY - box.top) / box.height - 0.5) * this.view.size * this.height / this.width };
    };
    drawing.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && document.activeElement !== drawing) return;  // a page is scrolled past a map
      event.preventDefault();
      this.zoom(event.deltaY < 0 ? 0.8 : 1.25, world(event));
    }, { passive: false });
    let held = null;
    drawing.addEventListener("pointerdown", (event) => { held = event.target.closest("a") ? null : world(event); });
    drawing.addEventListener("pointermove", (event) => {
      if (!held) return;
      const now = world(event);
      this.view = { ...this.view, x: this.view.x + held.x - now.x, y: this.view.y + held.y - now.y };
      this.place();
    });
    for (const name of ["pointerup", "pointerleave"]) drawing.addEventListener(name, () => { held = null; });
    drawing.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    const step = this.view.size / 8;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const zooms = { "+": 0.6, "=": 0.6, "-": 1 / 0.6 };
    if (event.key in moves) {
      const [dx, dy] = moves[event.key];
      this.view = { ...this.view, x: this.view.x + dx, y: this.view.y + dy };
      this.place();
    } else if (event.key in zooms) this.zoom(zooms[event.key]);
    else if (event.key === "0") this.fit();
    else return;
    event.preventDefault();
  }
}
