// Signing out of a computer that others use: what was chosen and not sent is sent first, or erased for good.
// Here and not by Clear-Site-Data, which would also erase what somebody else, whose session merely ended, finds again.

import { forgetMine, forgetOld, keptFiles } from "./kept.js";

const LONGEST_WAIT_MS = 3000; // a browser whose store does not answer must not keep anybody signed in

const form = document.querySelector("form[data-owner]");
const tabs = new BroadcastChannel("portfolio");
const within = (asked) => Promise.race([asked, new Promise((done) => setTimeout(done, LONGEST_WAIT_MS))]);

function made(tag, text, more = {}) {
  return Object.assign(document.createElement(tag), { textContent: text, ...more });
}

/** Asks what becomes of them; nothing happens while nothing is chosen. */
function ask(files) {
  const one = files.length === 1;
  const dialog = document.createElement("dialog"), box = document.createElement("article"), acts = made("p", "", { className: "acts" });
  const title = made("h2", one ? "1 fichier n'a pas été envoyé" : `${files.length} fichiers n'ont pas été envoyés`, { id: "unsent" });
  const names = document.createElement("ul");
  names.append(...files.slice(0, 5).map((file) => made("li", file.name)));
  if (files.length > 5) names.append(made("li", `et ${files.length - 5} de plus`));
  const why = made("p", `${one ? "Il attend" : "Ils attendent"} dans ce navigateur. Une fois déconnecté, rien de vous ne doit y rester.`);
  const send = made("button", one ? "L'envoyer" : "Les envoyer", { type: "button" });
  const leave = made("button", `Se déconnecter et ${one ? "l'effacer" : "les effacer"}`, { type: "button", className: "danger" });
  const stay = made("button", "Rester connecté", { type: "button", className: "link" });
  send.addEventListener("click", () => location.assign(`/portfolio/${files[0].portfolio}`));
  leave.addEventListener("click", async () => {
    leave.setAttribute("aria-disabled", "true");
    tabs.postMessage("erased");
    await within(forgetMine());
    form.submit();
  });
  stay.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.setAttribute("aria-labelledby", title.id);
  acts.append(send, leave, stay);
  box.append(title, names, why, acts);
  dialog.append(box);
  document.body.append(dialog);
  dialog.showModal();
}

let asking = false;
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (asking) return;
  asking = true;
  const files = ((await within(keptFiles())) ?? []).filter((file) => !file.refusal);
  asking = false;
  if (files.length) return ask(files);
  await within(forgetMine()); // why a file was refused names it
  form.submit();
});

forgetOld();
