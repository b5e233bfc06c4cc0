// Dialogs: a link with data-dialog="id" opens that <dialog> instead of going
// to its page; data-close closes; ? opens the keyboard help. A click on the
// backdrop closes too. Without this module the link goes to a page.
import { plain, typing } from "./dom.js";

export function show(id) {
  const d = document.getElementById(id);
  if (!(d instanceof HTMLDialogElement)) return null;
  if (!d.open) d.showModal();
  return d;
}

document.addEventListener("click", (event) => {
  const t = event.target instanceof Element ? event.target : null;
  if (!t) return;
  const opener = t.closest("[data-dialog]");
  if (opener && plain(event) && !event.shiftKey && show(opener.dataset.dialog)) {
    event.preventDefault();
    document.dispatchEvent(new CustomEvent("vouchsafe:dialog", { detail: opener.dataset.dialog }));
    return;
  }
  if (t.closest("[data-close]") || t instanceof HTMLDialogElement) {
    t.closest("dialog")?.close();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "?" && plain(event) && !typing(event) && show("keys")) event.preventDefault();
});
