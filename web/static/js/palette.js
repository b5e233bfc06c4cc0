// The command palette: ctrl-K or ⌘K opens a dialog that asks the server for
// matches as an HTML fragment. Without this module, "Jump to" is a page.
import { show } from "./dialogs.js";

const dialog = document.getElementById("palette");
const field = dialog?.querySelector("input");
const list = dialog?.querySelector("[data-results]");
let timer = 0;
let turn = 0;

async function ask() {
  const mine = ++turn;
  // Posted: what is typed may be a name, and addresses end up in logs.
  const body = new URLSearchParams({ q: field.value, on: location.pathname });
  let html;
  try {
    const answer = await fetch(dialog.dataset.src, { method: "POST", body, headers: { "HX-Request": "true" } });
    if (!answer.ok) throw new Error(String(answer.status));
    html = await answer.text();
  } catch {
    if (mine === turn) list.textContent = "The search did not answer. Try again, or use the menu.";
    return;
  }
  if (mine !== turn) return;
  list.innerHTML = html;
  mark(0);
}

function options() {
  return [...list.querySelectorAll("a[href], button")];
}

function mark(i) {
  const all = options();
  all.forEach((o, n) => n === i ? o.dataset.at = "" : delete o.dataset.at);
  all[i]?.scrollIntoView({ block: "nearest" });
}

function open() {
  show("palette");
  field.select();
  ask();
}

if (dialog && field && list) {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  document.addEventListener("vouchsafe:dialog", (event) => {
    if (event.detail === "palette") open();
  });
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 90);
  });
  field.form?.addEventListener("submit", (event) => {
    const at = options().find((o) => "at" in o.dataset);
    if (!at) return;
    event.preventDefault();
    at.click();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const all = options();
    const i = all.findIndex((o) => "at" in o.dataset);
    mark((i + (event.key === "ArrowDown" ? 1 : -1) + all.length) % Math.max(all.length, 1));
  });
}
