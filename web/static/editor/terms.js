// RDF terms as people read them: prefixed names, links to our pages, numbers.
import { el, number, settings } from "./words.js";

const NUMERIC = /#(integer|decimal|double|float|int|long|short|byte|nonNegativeInteger|positiveInteger)$/;
let namespaces = [];

export function learn(prefixes) {
  namespaces = Object.entries(prefixes).sort((a, b) => b[1].length - a[1].length);
}

export function short(iri) {
  const known = namespaces.find(([, space]) => iri.startsWith(space));
  const rest = known && iri.slice(known[1].length);
  return known && /^[\w-]*$/.test(rest) ? `${known[0]}:${rest}` : iri;
}

export const isNumber = (term) => Boolean(term?.datatype && NUMERIC.test(term.datatype));

/** Return where a thing is described: its page here when it is ours, else its own address. */
export function address(iri) {
  if (iri.startsWith(settings.base)) return "/doc/" + iri.slice(settings.base.length);
  return /^https?:/.test(iri) ? iri : null;
}

export function text(term) {
  if (!term) return "";
  if (term.type === "uri") return short(term.value);
  return term.type === "bnode" ? "_:" + term.value : term.value;
}

/** Return a term as a node: a link for an address, text otherwise. */
export function node(term) {
  if (!term) return "";
  const href = term.type === "uri" ? address(term.value) : null;
  if (href) return el("a", { href, rel: href.startsWith("/") ? undefined : "nofollow noopener external" }, text(term));
  const language = term["xml:lang"];
  return language ? el("span", { lang: language }, term.value) : text(term);
}

/** Return a number as the language writes it; years and identifiers are left alone. */
export function amount(term) {
  const value = Number(term.value);
  return Number.isInteger(value) && Math.abs(value) < 10000 ? term.value : number(value);
}
