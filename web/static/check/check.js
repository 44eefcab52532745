// The page that checks a file, without leaving it: drop a file, jump to a place, make a repair.
// The server renders everything; without this script the same form works.

const form = document.getElementById("ask");
const text = document.getElementById("text");
const file = document.getElementById("file");
const checked = document.getElementById("checked");
const trouble = document.getElementById("trouble");
let asked = null;

async function check(submitter) {
  asked?.abort();
  const mine = asked = new AbortController();
  form.setAttribute("aria-busy", "true");
  trouble.textContent = form.dataset.busy;
  try {
    const body = new FormData(form, submitter);
    const answer = await fetch(form.action, {
      method: "POST", body, headers: { Accept: "text/html" }, signal: mine.signal,
    });
    show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch (error) {
    if (error.name !== "AbortError") trouble.textContent = form.dataset.failed;
  } finally {
    if (mine === asked) form.removeAttribute("aria-busy");
  }
}

function show(page) {
  const found = page.getElementById("checked");
  if (!found) { // a problem: its page says which
    trouble.replaceChildren(...page.querySelector("main").children);
    return;
  }
  trouble.replaceChildren();
  checked.replaceChildren(...found.childNodes);
  const value = page.getElementById("text").value;
  if (value !== text.value) text.value = value;
  document.getElementById("as").value = page.getElementById("as").value;
  file.value = "";
  checked.focus({ preventScroll: true });
  checked.scrollIntoView({ block: "nearest" });
}

// The server counts characters, a textarea UTF-16 units.
function units(value, characters) {
  let at = 0;
  for (let left = characters; left > 0 && at < value.length; left--) {
    at += value.codePointAt(at) > 0xffff ? 2 : 1;
  }
  return at;
}

function jump(link) {
  const value = text.value;
  const start = units(value, Number(link.dataset.start));
  const end = units(value, Number(link.dataset.end));
  const before = value.slice(0, start);
  const lines = before.split("\n");
  const style = getComputedStyle(text);
  text.focus({ preventScroll: true });
  text.setSelectionRange(start, Math.max(start, end));
  text.scrollTop = Math.max(0, lines.length - 4) * parseFloat(style.lineHeight);
  text.scrollLeft = Math.max(0, lines.at(-1).length - 40) * parseFloat(style.fontSize) * 0.6;
  text.scrollIntoView({ block: "nearest" });
}

form.addEventListener("submit", event => {
  event.preventDefault();
  check(event.submitter);
});
checked.addEventListener("click", event => {
  const link = event.target.closest("a.jump");
  if (!link) return;
  document.getElementById(link.hash.slice(1))?.scrollIntoView({ block: "nearest" });
  jump(link);
  event.preventDefault();
});
text.addEventListener("keydown", event => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
for (const name of ["dragenter", "dragover"]) {
  text.addEventListener(name, event => {
    event.preventDefault();
    text.classList.add("over");
  });
}
text.addEventListener("dragleave", () => text.classList.remove("over"));
text.addEventListener("drop", event => {
  text.classList.remove("over");
  if (!event.dataTransfer.files.length) return; // a selection that is moved
  event.preventDefault();
  file.files = event.dataTransfer.files;
  check(document.getElementById("run"));
});
file.addEventListener("change", () => file.files.length && check(document.getElementById("run")));
