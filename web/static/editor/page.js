// The page of the endpoint made an editor: YASGUI's YASQE takes the place of the text area, its
// YASR that of the answer. Without this script the form and the answer of the server remain.
import { Chart } from "./chart.js";
import { declare, learn, register } from "./completion.js";
import { Map as Points } from "./map.js";
import * as problem from "./problem.js";
import * as snippets from "./snippets.js";
import { Table } from "./table.js";
import * as terms from "./terms.js";
import { el, number, settings, t } from "./words.js";

const { Yasqe, Yasr } = window.Yasgui;
const LONGEST_ADDRESS = 4000;
const READABLE = 1_000_000;
const FORMATS = {
  rows: [["csv", "CSV"], ["tsv", "TSV"], ["json", "JSON"], ["xml", "XML"]],
  graph: [["turtle", "Turtle"], ["ntriples", "N-Triples"], ["jsonld", "JSON-LD"], ["rdfxml", "RDF/XML"]],
};
// How an answer says that it was cut after its header was sent, in JSON and in Turtle.
const CUT = /"truncated":"\w+"\}\s*$|# truncated: \w+\s*$/;
const find = (selector) => document.querySelector(selector);
const [form, area, answer, place] = ["#ask", "#query", "#answered", "#programs-here"].map(find);
let asking = null;

const isGraph = (yasqe) => ["CONSTRUCT", "DESCRIBE"].includes(yasqe.getQueryType());
const graphs = () => [...form.querySelectorAll("[name$=graph-uri]")].map((input) => [input.name, input.value]);

class Said {
  priority = 10;
  hideFromSelection = true;
  constructor(yasr) { this.yasr = yasr; }
  canHandleResults() { return typeof this.yasr.results?.getBoolean() === "boolean"; }
  draw() { this.yasr.resultsEl.append(el("p", { class: "said" }, this.yasr.results.getBoolean() ? t("yes") : t("no"))); }
}

class Source extends Yasr.plugins.response {
  label = t("view.response");
}

function yasqeOver(text, completers) {
  const run = () => form.requestSubmit();
  const yasqe = new Yasqe(find("#yasqe"), {
    value: text, autocompleters: completers, autofocus: false, persistenceId: null, consumeShareLink: null,
    createShareableLink: null, showQueryButton: false, resizeable: false, editorHeight: "auto", viewportMargin: Infinity,
    screenReaderLabel: t("query"), extraKeys: { "Ctrl-Enter": run, "Cmd-Enter": run, Tab: false, "Shift-Tab": false },
    prefixCcApi: null, requestConfig: { endpoint: settings.endpoint },
  });
  yasqe.getInputField().setAttribute("aria-label", t("query"));
  yasqe.getInputField().setAttribute("aria-describedby", "editor-keys");
  return yasqe;
}

function yasrOver() {
  const own = { table: Table, map: Points, chart: Chart, response: Source, boolean: Said };
  for (const [name, plugin] of Object.entries(own)) Yasr.registerPlugin(name, plugin);
  const yasr = new Yasr(find("#yasr"), {
    persistenceId: null,
    pluginOrder: ["table", "map", "chart", "response"],
    plugins: { response: { enabled: true, dynamicConfig: { maxLines: 1e9 } } },
  });
  yasr.fillFallbackBox = () => {};
  yasr.updateResponseInfo = () => {};
  for (const left of yasr.headerEl.querySelectorAll(".yasr_downloadIcon, .yasr_external_ref_btn")) left.remove();
  yasr.on("drawn", () => marked(yasr));
  return yasr;
}

/** Say which view is shown, and leave out those that cannot show this answer. */
function marked(yasr) {
  for (const name of Object.keys(yasr.plugins)) {
    const button = yasr.headerEl.querySelector(".select_" + name);
    if (!button) continue;
    button.setAttribute("aria-label", yasr.plugins[name].label);
    button.setAttribute("aria-pressed", String(yasr.drawnPlugin === name));
    button.closest("li").hidden = !yasr.plugins[name].canHandleResults();
  }
}

function addressOf(yasqe, format) {
  return "/sparql?" + new URLSearchParams([["query", yasqe.getValue()], ...graphs(), ...(format ? [["format", format]] : [])]);
}

function said(yasqe, yasr, seconds) {
  const rows = yasr.results.getBindings();
  const time = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 }).format(seconds);
  const count = rows && !isGraph(yasqe) ? t(rows.length === 1 ? "row" : "rows", { count: number(rows.length) }) : t("answered");
  const downloads = FORMATS[isGraph(yasqe) ? "graph" : "rows"].map(([format, name]) =>
    el("a", { href: addressOf(yasqe, format), download: `essaim.${format}` }, name));
  find("#summary").textContent = t("in-seconds", { count, time });
  find("#downloads").replaceChildren(t("download"), ...downloads);
  const none = rows && rows.length === 0 && !isGraph(yasqe);
  find("#none").hidden = !none;
  find("#yasr").hidden = Boolean(none);
}

/** Return JSON on lines of its own, where it is not too long to be read anyway. */
function readable(content, headers) {
  const isJson = /json/.test(headers.get("Content-Type"));
  return isJson && content.length < READABLE ? JSON.stringify(JSON.parse(content), null, 1) : content;
}

async function ask(yasqe, signal) {
  const accept = isGraph(yasqe) ? "text/turtle" : "application/sparql-results+json";
  const headers = { Accept: `${accept}, application/problem+json;q=0.9`, "Accept-Language": document.documentElement.lang };
  const address = addressOf(yasqe);
  if (address.length <= LONGEST_ADDRESS) return fetch(address, { headers, signal });
  const body = new URLSearchParams([["query", yasqe.getValue()], ...graphs()]);
  return fetch("/sparql", { method: "POST", headers, body, signal });
}

/** Ask the query and show its answer; a second run stops the first. */
async function run(yasqe, yasr) {
  asking?.abort();
  const current = asking = new AbortController();
  problem.clear(yasqe);
  document.body.classList.add("asking");
  find("#stop").hidden = false;
  find("#served")?.remove();
  const begun = performance.now();
  try {
    const response = await ask(yasqe, current.signal);
    const trouble = response.ok ? null : await problem.of(response);
    const content = trouble ? "" : await response.text();
    if (current !== asking) return;
    answer.hidden = Boolean(trouble);
    find("#trouble").replaceChildren();
    if (trouble) return problem.draw(find("#trouble"), yasqe, trouble);
    if (place.closest("section").previousElementSibling !== answer) answer.after(place.closest("section"));
    const { ok, status, statusText, headers } = response;
    find("#cut").hidden = !(headers.has("Essaim-Truncated") || CUT.test(content.slice(-200)));
    yasr.setResponse({ ok, status, statusText, headers, content: readable(content, headers) }, performance.now() - begun);
    said(yasqe, yasr, (performance.now() - begun) / 1000);
    const shared = addressOf(yasqe);
    if (shared.length <= LONGEST_ADDRESS) history.replaceState(null, "", shared);
  } catch (error) {
    if (error.name !== "AbortError") problem.draw(find("#trouble"), yasqe, { detail: t("unreachable") });
  } finally {
    if (current === asking) {
      document.body.classList.remove("asking");
      find("#stop").hidden = true;
    }
  }
}

/** Put the reason of a line YASQE cannot read in its sign's title: its own tooltip is inline HTML. */
function explained(yasqe) {
  const sign = yasqe.getWrapperElement().querySelector(".parseErrorIcon");
  if (!sign) return;
  sign.onmouseover = sign.onmouseout = null;
  sign.title = t("unreadable");
}

/** Ask why a query has no rows: which pattern matched nothing. */
async function why(yasqe) {
  const headers = { Accept: "application/problem+json", "Accept-Language": document.documentElement.lang };
  const response = await fetch(addressOf(yasqe) + "&explain=rows", { headers });
  problem.draw(find("#trouble"), yasqe, await problem.of(response));
}

/** Return the text of an example: its question as a comment, without the metadata of the file. */
function question(link) {
  const text = new URL(link.href).searchParams.get("query").replace(/^#\+.*\n/gm, "");
  return `# ${link.textContent.trim()}\n${text}`;
}

/** Show what an example wants to be read with; it goes when the query is changed. */
function caveat(text = "") {
  find("#caveat").textContent = text;
  find("#caveat").hidden = !text;
}

function wire(yasqe, yasr) {
  find("#why").addEventListener("click", () => why(yasqe));
  const kept = () => {
    area.value = yasqe.getValue();
    snippets.draw(place, yasqe.getValue(), yasqe.getQueryType());
  };
  yasqe.on("change", (_, change) => {
    const origin = String(change.origin);
    if (origin === "complete" || (origin === "+input" && change.text.join("") === ":")) declare(yasqe);
    if (origin !== "setValue") caveat();
    kept();
    explained(yasqe);
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    run(yasqe, yasr);
  });
  find("#stop").addEventListener("click", () => { asking?.abort(); });
  for (const link of document.querySelectorAll("#questions-here a")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      yasqe.setValue(question(link));
      yasqe.collapsePrefixes(true);
      caveat(link.dataset.caveat);
      form.scrollIntoView({ block: "start" });
      run(yasqe, yasr);
    });
  }
  kept();
}

async function begin() {
  const yasqe = yasqeOver(area.value, register(Yasqe));
  document.documentElement.classList.add("has-editor");
  yasqe.refresh();
  const offered = fetch(`/sparql/completions.json?lang=${document.documentElement.lang}`).then((answered) => answered.json());
  wire(yasqe, yasrOver());
  try {
    const known = await offered;
    learn(known);
    terms.learn(known.prefixes);
  } catch {
    // Without completions the editor still edits and asks; addresses are then shown whole.
  }
  if (new URL(location.href).searchParams.has("query")) form.requestSubmit();
}

begin();
