// A dossier that is being printed: the page says when it is ready, and reloads nothing by itself.

import { API, ask } from "./requests.js";

const EVERY_MS = 10_000;
const waiting = document.querySelector("[data-dossier]");

async function look() {
  if (document.hidden) return;
  const { dossier } = await ask(`${API}/commissions/${waiting.dataset.dossier}/dossier`).catch(() => ({}));
  if (!dossier?.ready_at) return;
  clearInterval(timer);
  waiting.querySelector("[data-words]").textContent = "Le dossier est prêt.";
  waiting.querySelector("a").textContent = "Voir la page pour le télécharger";
}
const timer = waiting ? setInterval(look, EVERY_MS) : null;
