// Keyboard on lists: j and k move, Enter or Space opens, / goes to the search
// field. A row is any [data-row] holding a link [data-open]. The row under the
// keys carries data-at; the row that is open carries aria-current (server's).
import { plain, typing } from "./dom.js";

function rows() {
  return [...document.querySelectorAll("[data-row]")].filter((r) => r.offsetParent !== null);
}

function present(all) {
  const i = all.findIndex((r) => "at" in r.dataset);
  return i >= 0 ? i : all.findIndex((r) => r.getAttribute("aria-current") === "true");
}

function move(step) {
  const all = rows();
  if (all.length === 0) return;
  const from = present(all);
  const to = Math.min(Math.max(from + step, 0), all.length - 1);
  all.forEach((r) => delete r.dataset.at);
  all[to].dataset.at = "";
  const link = all[to].querySelector("[data-open]");
  (link ?? all[to]).focus({ preventScroll: true });
  all[to].scrollIntoView({ block: "nearest" });
}

// press activates the first visible control that names the key in data-key.
function press(key) {
  const c = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)]
    .find((e) => e.offsetParent !== null && !e.disabled);
  if (!c) return false;
  c.matches("a, button, summary") ? c.click() : c.focus();
  return true;
}

function open() {
  const all = rows();
  const i = present(all);
  const link = i >= 0 ? all[i].querySelector("[data-open]") : null;
  link?.click();
  return link !== null;
}

document.addEventListener("keydown", (event) => {
  if (typing(event) || !plain(event) || document.querySelector("dialog[open]")) return;
  const onControl = event.target instanceof Element && event.target.closest("a, button, summary");
  switch (event.key) {
    case "j": move(1); break;
    case "k": move(-1); break;
    case "Enter": if (onControl || !open()) return; break;
    case " ": if (onControl && !onControl.matches("[data-open]") || !open()) return; break;
    case "/": {
      const field = document.querySelector("[data-search]");
      if (!field) return;
      field.focus();
      field.select();
      break;
    }
    default:
      if (!/^[a-z]$/.test(event.key) || !press(event.key)) return;
  }
  event.preventDefault();
});

// The open row follows the click at once; the server says the same on reload.
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("[data-row] [data-open][hx-get]") : null;
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  document.querySelectorAll("[data-row]").forEach((r) => {
    r.removeAttribute("aria-current");
    delete r.dataset.at;
  });
  const row = link.closest("[data-row]");
  row.setAttribute("aria-current", "true");
  row.dataset.at = "";
});

// A newly opened panel starts at its top; where it replaces the list (on a
// phone) the page goes to it and so does the focus.
document.addEventListener("htmx:after:swap", () => {
  const panel = document.getElementById("panel");
  if (!panel || !panel.querySelector("article")) return;
  panel.scrollTop = 0;
  if (getComputedStyle(panel).position !== "sticky") {
    window.scrollTo(0, panel.offsetTop - 60);
    panel.focus({ preventScroll: true });
  }
});
