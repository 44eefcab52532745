// What the editor offers while one types: variables, prefixes, and our own vocabulary by name or
// by label, in both languages. Nothing is asked of another host.
import { el, number, t } from "./words.js";

const MOST = 40;
const KEYWORDS = new Set(("as asc ask avg base bind bound by coalesce concat construct count datatype desc describe " +
  "distinct exists filter from graph group having if iri lang langmatches limit max min minus named not offset " +
  "optional order prefix reduced regex sample select separator service str strlen sum undef union values where true false").split(" "));
// What stands before the cursor: a word, a prefixed name, or the beginning of an IRI.
const TYPED = /(?:^|[\s{}()[\],;.^|/!+*?=&])(<[^<>\s"]*|[\p{L}_][\p{L}\p{N}_-]*:?[\p{L}\p{N}_%-]*)$/u;

export const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

const words = (text) => folded(text.replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")).split(/[^\p{L}\p{N}]+/u).filter(Boolean);

function indexed(term) {
  const local = term.name.replace(/^<|>$/g, "").split(/[:/#]/).pop();
  return { ...term, folded: folded(term.name), local: folded(local), words: [local, term.label, ...term.also].flatMap(words) };
}

/** Return how well a term fits what was typed: smaller is better, nothing when it does not. */
function rank(term, typed) {
  if (term.folded.startsWith(typed)) return 0;
  if (term.local.startsWith(typed)) return 1;
  if (folded(term.label).startsWith(typed)) return 2;
  if (typed.length > 1 && term.words.some((word) => word.startsWith(typed))) return 3;
  return undefined;
}

function found(offered, typed) {
  const [prefix, rest] = typed.includes(":") && !typed.startsWith("<") ? typed.split(/:(.*)/s) : [null, typed];
  const among = prefix === null ? offered.terms : offered.terms.filter((term) => term.name.startsWith(prefix + ":"));
  const ranked = among.map((term) => [rest === "" ? 0 : rank(term, prefix === null ? folded(rest) : folded(rest)), term]);
  const terms = ranked.filter(([fit]) => fit !== undefined).sort((a, b) => a[0] - b[0] || b[1].uses - a[1].uses);
  const prefixes = prefix === null
    ? Object.keys(offered.prefixes).filter((name) => name.startsWith(typed.toLowerCase())).map((name) => name + ":")
    : [];
  return { terms: terms.slice(0, MOST).map(([, term]) => term), prefixes: prefixes.slice(0, 8) };
}

function typedAt(yasqe) {
  const cursor = yasqe.getDoc().getCursor();
  const line = yasqe.getDoc().getLine(cursor.line).slice(0, cursor.ch);
  const match = TYPED.exec(line);
  return match && { text: match[1], start: cursor.ch - match[1].length, end: cursor.ch, line };
}

function isOffering(yasqe) {
  const typed = typedAt(yasqe);
  const inside = yasqe.getTokenAt(yasqe.getDoc().getCursor()).type;
  if (!typed || inside === "comment" || inside === "string") return false;
  if (/^\s*(prefix|base)\b/i.test(typed.line)) return false;
  if (typed.text.startsWith("<") || typed.text.includes(":")) return true;
  return typed.text.length > 1 && !KEYWORDS.has(typed.text.toLowerCase()) && !/^[A-Z]+$/.test(typed.text);
}

function hint(item, typed, line) {
  const isPrefix = typeof item === "string";
  return {
    text: isPrefix ? item : item.name,
    from: { line, ch: typed.start },
    to: { line, ch: typed.end },
    render: (place) => place.append(
      el("span", { class: "hint-name" }, isPrefix ? item : item.name),
      el("span", { class: "hint-label" }, isPrefix ? t("kind.prefix") : item.label),
      el("span", { class: "hint-kind" }, isPrefix ? "" : `${t("kind." + item.kind)} · ${number(item.uses)}`)),
  };
}

const known = { prefixes: {}, terms: [] };

/** Learn what the release offers; until then the editor completes variables only. */
export function learn(offered) {
  Object.assign(known, { prefixes: offered.prefixes, terms: offered.terms.map(indexed) });
}

/** Register the completers and return their names. */
export function register(Yasqe) {
  Yasqe.registerAutocompleter({
    name: "essaim",
    autoShow: true,
    bulk: false,
    isValidCompletionPosition: isOffering,
    preProcessToken: (yasqe, token) => ({ ...token, typed: typedAt(yasqe) }),
    get: (yasqe, token) => (token?.typed ? ["found"] : []),
    postprocessHints: (yasqe) => {
      const typed = typedAt(yasqe);
      if (!typed) return [];
      const { terms, prefixes } = found(known, typed.text);
      const { line } = yasqe.getDoc().getCursor();
      return [...terms.slice(0, 3), ...prefixes, ...terms.slice(3)].map((item) => hint(item, typed, line));
    },
  });
  return ["variables", "essaim"];
}

/** Declare the prefixes a query uses and does not declare, when we know them. */
export function declare(yasqe) {
  const { prefixes } = known;
  const text = yasqe.getValue().replace(/"(?:[^"\\\n]|\\.)*"|<[^<>\s]*>|#.*/g, " ");
  const used = new Set([...text.matchAll(/(?<![\w:?$-])([a-z][\w-]*):/g)].map((match) => match[1]));
  const declared = new Set([...text.matchAll(/\bprefix\s+([\w-]*):/gi)].map((match) => match[1]));
  for (const name of used) {
    if (!declared.has(name) && prefixes[name]) yasqe.addPrefixes({ [name]: prefixes[name] });
  }
}
