// What a page gains from JavaScript, everywhere: drafts kept while typing, no double sending, focus on what went wrong.
// Every form works without it.

const PAUSE_MS = 1200;
const LONGEST_PAUSE_MS = 30_000;

// A tutor comes in by a link, and has no password to give again.
const OVER = /^\/s(\/|$)/.test(location.pathname)
  ? "Votre visite est terminée : envoyez ce formulaire, il sera gardé dans ce navigateur le temps d'ouvrir un nouveau lien."
  : "Votre session a pris fin : envoyez ce formulaire, il sera gardé le temps de vous reconnecter.";

class NotKept extends Error {}

/** Keeps the form's fields on the server. A failure is said, and tried again until it succeeds; what the service refuses
 * to keep is said in its own words, and asked again once something else was typed. */
function keepDrafts(form) {
  const said = form.querySelector("[data-saved]");
  let timer = null, wait = PAUSE_MS, sending = false, changed = false;
  const say = (words) => { if (said) said.textContent = words; };
  async function send() {
    if (sending) { changed = true; return; }
    sending = true; changed = false;
    try {
      const body = new FormData(form);
      for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
      body.set("_page", location.pathname);
      const answer = await fetch("/brouillons", { method: "POST", body: new URLSearchParams(body), headers: { Accept: "application/json" } });
      const told = await answer.json();
      if (answer.status === 401) throw new NotKept(OVER);
      if ([403, 409, 413, 422].includes(answer.status)) throw new NotKept(told.detail);
      if (!answer.ok) throw new Error(told.detail);
      wait = PAUSE_MS;
      say(`Brouillon gardé à ${told.saved_at}. Pas encore envoyé.`);
    } catch (error) {
      if (error instanceof NotKept) return say(`Pas gardé. ${error.message}`);
      wait = Math.min(wait * 2, LONGEST_PAUSE_MS);
      changed = true;
      say("Pas encore gardé : la connexion manque. Nouvel essai en cours ; ne fermez pas la page.");
    } finally {
      sending = false;
      if (changed) { clearTimeout(timer); timer = setTimeout(send, wait); }
    }
  }
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(send, wait); });
  form.addEventListener("submit", () => clearTimeout(timer));
  form.querySelector("[data-forget]")?.addEventListener("click", async () => {
    await fetch("/brouillons/oublier", { method: "POST", body: new URLSearchParams(new FormData(form)) });
    location.assign(location.pathname);
  });
}

document.querySelectorAll("form[data-draft]").forEach(keepDrafts);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-disabled", "true"));
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("button").forEach((button) => button.removeAttribute("aria-disabled"));
  });
});

document.querySelector("[data-focus]")?.focus();

document.addEventListener("click", (event) => {
  document.querySelectorAll("details.dropdown[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
});
