// A problem the endpoint returned (RFC 9457), shown beside the line it is about.
import { el, t } from "./words.js";

let marks = [];

/** Return a position of the editor for a count of characters as the server counts them. */
function position(yasqe, characters) {
  const before = Array.from(yasqe.getValue()).slice(0, characters).join("");
  return yasqe.getDoc().posFromIndex(before.length);
}

export function clear(yasqe) {
  for (const mark of marks) mark();
  marks = [];
}

function mark(yasqe, line, column) {
  const number = Math.min(line, yasqe.getDoc().lineCount()) - 1;
  const handle = yasqe.addLineClass(number, "background", "problem-line");
  marks.push(() => yasqe.removeLineClass(handle, "background", "problem-line"));
  if (column) {
    const start = Array.from(yasqe.getDoc().getLine(number)).slice(0, column - 1).join("").length;
    const spot = yasqe.getDoc().markText({ line: number, ch: start }, { line: number, ch: start + 1 }, { className: "problem-spot" });
    marks.push(() => spot.clear());
  }
  yasqe.scrollIntoView({ line: number, ch: 0 }, 60);
}

/** Put the text of a suggestion into the query; several may be tried one after the other. */
function applied(yasqe, suggestion) {
  const [from, to] = [position(yasqe, suggestion.start), position(yasqe, suggestion.end)];
  clear(yasqe);
  yasqe.getDoc().replaceRange(suggestion.replacement, from, to);
  yasqe.focus();
}

function excerpt(problem) {
  const source = problem.source ?? problem.source_line;
  if (!source) return [];
  const caret = typeof problem.caret === "string" ? problem.caret : " ".repeat(Math.max((problem.column ?? 1) - 1, 0)) + "^";
  return [el("pre", { class: "code", tabindex: "0" }, source + "\n" + caret)];
}

/** Return the words of a problem; lines under one another were aligned by who wrote them. */
function detail(text) {
  return text.includes("\n") ? [el("pre", { class: "code", tabindex: "0" }, text)] : [el("p", {}, text)];
}

function buttons(yasqe, problem) {
  const known = (problem.suggestions ?? []).filter((one) => one.label);
  if (!known.length) return [];
  return [el("ul", { class: "suggestions" }, ...known.map((one) => el("li", {},
    one.replacement === undefined ? one.label
      : el("button", { type: "button", onclick: () => applied(yasqe, one) }, one.label))))];
}

/** Draw a problem into a place and mark its line. */
export function draw(place, yasqe, problem) {
  clear(yasqe);
  if (problem.line) mark(yasqe, problem.line, problem.column);
  const where = problem.line ? el("p", { class: "quiet" }, t("where", { line: problem.line, column: problem.column ?? 1 })) : "";
  const expected = [].concat(problem.expected ?? []).join(", ");
  place.replaceChildren(el("div", { class: "problem-box", role: "alert" },
    el("h2", {}, problem.code ? problem.title : t("problem")), where,
    ...detail(problem.detail || problem.title), ...excerpt(problem),
    expected ? el("p", {}, t("expected", { expected })) : "", ...buttons(yasqe, problem)));
}

/** Return the problem of an answer that is none, whatever its form. */
export async function of(response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return { title: response.statusText, detail: text.slice(0, 2000) };
  }
}
