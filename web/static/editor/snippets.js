// The current query as a program: curl, Python, R, a notebook. Each runs as it is pasted.
import { el, settings, t } from "./words.js";

const isGraph = (type) => type === "CONSTRUCT" || type === "DESCRIBE";
const shell = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** Return a text as a Python literal, over several lines where that is safe. */
function python(text) {
  if (/"""|\\|"$/.test(text)) return JSON.stringify(text);
  return `"""${text}"""`;
}

/** Return a text as an R raw string (R 4.0), with more dashes than the text holds. */
function r(text) {
  let dashes = "";
  while (text.includes(")" + dashes + '"')) dashes += "-";
  return `r"${dashes}(${text})${dashes}"`;
}

function curl(query, graph) {
  const accept = graph ? "text/turtle" : "text/csv";
  return `curl -H 'Accept: ${accept}' ${shell(settings.endpoint)} --data-urlencode ${shell("query=" + query)}\n`;
}

function wrapper(query, graph) {
  return `from SPARQLWrapper import ${graph ? "TURTLE" : "JSON"}, POST, SPARQLWrapper

client = SPARQLWrapper("${settings.endpoint}", returnFormat=${graph ? "TURTLE" : "JSON"})
client.setMethod(POST)
client.setQuery(${python(query)})
` + (graph ? "print(client.query().convert().decode())\n" : `for row in client.queryAndConvert()["results"]["bindings"]:
    print({name: term["value"] for name, term in row.items()})
`);
}

function pandas(query) {
  return `from io import BytesIO
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pandas as pd

query = ${python(query)}
asked = Request(
    "${settings.endpoint}",
    data=urlencode({"query": query}).encode(),
    headers={"Accept": "text/csv"},
)
frame = pd.read_csv(BytesIO(urlopen(asked).read()))
print(frame)
`;
}

function rlang(query, graph) {
  return `library(httr2)

query <- ${r(query)}
answer <- request("${settings.endpoint}") |>
  req_headers(Accept = "${graph ? "text/turtle" : "text/csv"}") |>
  req_body_form(query = query) |>
  req_perform()
` + (graph ? "cat(resp_body_string(answer))\n" : "rows <- read.csv(text = resp_body_string(answer))\nprint(rows)\n");
}

function notebook(query, graph) {
  return `import kb

base = kb.open()
` + (graph ? `graph = base.graph().query(${python(query)}).graph
print(graph.serialize())
` : `base.query(${python(query)}).frame()
`);
}

const LANGUAGES = [["curl", curl], ["python", wrapper], ["pandas", pandas], ["r", rlang], ["notebook", notebook]];

/** Return the programs of a query by name. */
export function programs(query, type) {
  const graph = isGraph(type);
  const wanted = LANGUAGES.filter(([name]) => !(graph && name === "pandas"));
  return Object.fromEntries(wanted.map(([name, make]) => [name, make(query, graph)]));
}

async function copied(text, button) {
  await navigator.clipboard.writeText(text);
  button.textContent = t("copied");
  setTimeout(() => { button.textContent = t("copy"); }, 2000);
}

/** Draw the programs into a place, each folded under its name; what was open stays open. */
export function draw(place, query, type) {
  const open = new Set([...place.querySelectorAll("details[open]")].map((node) => node.dataset.name));
  place.replaceChildren(...Object.entries(programs(query, type)).map(([name, text]) => {
    const button = el("button", { type: "button", class: "plain", onclick: () => copied(text, button) }, t("copy"));
    return el("details", { "data-name": name, open: open.has(name) },
      el("summary", {}, t("in." + name)),
      el("div", { class: "program" }, button, el("pre", { class: "code", tabindex: "0" }, text)));
  }));
}
