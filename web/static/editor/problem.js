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

/** Make the edits of a suggestion; the last of the text comes first, so that the others stay put. */
function applied(yasqe, edits) {
  const places = edits.map((edit) => [edit.text, position(yasqe, edit.offset), position(yasqe, edit.offset + edit.length)]);
  clear(yasqe);
  yasqe.operation(() => {
    for (const [text, from, to] of places.sort((a, b) => b[1].line - a[1].line || b[1].ch - a[1].ch)) yasqe.getDoc().replaceRange(text, from, to);
  });
  yasqe.focus();
}

/** Return the line with what is wrong under it; lines of a plain text are kept as they were written. */
function excerpt(problem) {
  const text = problem.source ? `${problem.source}\n${problem.caret}` : problem.detail?.includes("\n") ? problem.detail : "";
  return text ? [el("pre", { class: "code", tabindex: "0" }, text)] : [];
}

const list = (texts, name = "ul") => (texts?.length ? [el(name, {}, ...texts.map((text) => el("li", {}, text)))] : []);

function buttons(yasqe, suggestions = []) {
  const told = suggestions.map((one) => el("li", {}, one.edits?.length
    ? el("button", { type: "button", onclick: () => applied(yasqe, one.edits) }, one.text) : one.text));
  return told.length ? [el("ul", { class: "suggestions" }, ...told)] : [];
}

/** Draw a problem, or the reason why there is no row, into a place and mark its line. */
export function draw(place, yasqe, problem) {
  clear(yasqe);
  if (problem.line) mark(yasqe, problem.line, problem.column);
  const where = problem.line ? [el("p", { class: "quiet" }, t("where", { line: problem.line, column: problem.column }))] : [];
  // The detail of RFC 9457 begins with the summary, which is the heading here.
  const rest = (problem.detail ?? "").replace(`${problem.summary}.`, "").trim();
  const detail = rest && !rest.includes("\n") ? [el("p", {}, rest)] : [];
  const expected = problem.expected?.length ? [el("p", {}, t("expected", { expected: problem.expected.join(", ") }))] : [];
  place.replaceChildren(el("div", { class: "problem-box", role: "alert" },
    el("h2", {}, problem.summary || t("problem")), ...where, ...excerpt(problem), ...detail, ...expected,
    ...list(problem.unjoined, "ol"), ...list(problem.hints), ...buttons(yasqe, problem.suggestions)));
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
