// The texts of the page, which the server wrote in the reader's language, and how to say numbers.
const page = document.getElementById("editor");
const texts = JSON.parse(document.getElementById("editor-words").textContent);

export const language = document.documentElement.lang;
export const settings = page.dataset;

export function t(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export const number = (value) => new Intl.NumberFormat(language).format(value);

/** Return an element with attributes and children; text stays text. */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

/** Return an SVG element; drawings carry attributes only, never inline style. */
export function svg(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}
