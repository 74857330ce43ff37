// The candidate's files: choosing one is sending it. Each is kept in this browser until the server has verified it, so
// that a cut, a pause or a page that is left loses nothing. Sent in parts, one file at a time: by the doors of the API, or
// straight to the store where the service says so; by the doors again where this network refuses the store.

import { forgetFile, keepAgain, keepFile, keptFiles, stillKept } from "./kept.js";

const API = "/api/v1";
const FIRST_WAIT_MS = 1000, LONGEST_WAIT_MS = 30_000;
const DIGESTED_BYTES = 64 << 20; // a larger file is digested by the server alone
const STALLED_MS = 60_000, VERIFIED_IN_MS = 300_000; // no byte moved, no answer: the request is given up and made again
const WARN_DAYS = 5; // some browsers forget what they keep after seven days

class Refused extends Error {
  constructor(told, status) { super(told.detail || "L'envoi a été refusé."); this.code = told.code; this.status = status; }
}
class Paused extends Error {}
class NoAnswer extends Error {} // the network, or a service that does not answer

const tabs = new BroadcastChannel("portfolio-uploads"); // {forgotten: key}: not to be sent, by any tab

const pause = (ms) => new Promise((done) => {
  const timer = setTimeout(done, ms);
  addEventListener("online", () => { clearTimeout(timer); done(); }, { once: true });
});

async function ask(address, method = "GET", body = undefined, headers = {}, patience = STALLED_MS) {
  const asked = { method, body, headers: { Accept: "application/json", ...headers }, signal: AbortSignal.timeout(patience) };
  const answer = await fetch(address, asked).catch(() => { throw new NoAnswer(); });
  const told = answer.headers.get("Content-Type")?.includes("json") ? await answer.json().catch(() => { throw new NoAnswer(); }) : {};
  if (!answer.ok) throw new Refused(told, answer.status);
  return told;
}

/** One part, with its progress: fetch tells nothing of what has left. */
function put(address, blob, entry, onProgress) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    entry.abort = () => request.abort();
    request.open("PUT", address);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("Accept", "application/json");
    let stalled = false, timer;
    const moves = () => { clearTimeout(timer); timer = setTimeout(() => { stalled = true; request.abort(); }, STALLED_MS); };
    request.upload.onprogress = (event) => { moves(); onProgress(event.loaded); };
    request.onloadend = () => clearTimeout(timer);
    request.onabort = () => failed(stalled ? new NoAnswer() : new Paused());
    request.onerror = () => failed(new NoAnswer());
    request.onload = () => {
      if (request.status < 300) return done();
      let told = {};
      try { told = JSON.parse(request.responseText); } catch { /* not ours: a proxy's */ }
      failed(new Refused(told, request.status));
    };
    moves();
    request.send(blob);
  });
}

async function digest(blob) {
  if (!crypto.subtle || blob.size > DIGESTED_BYTES) return undefined;
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The file was moved or changed after it was chosen.
const unreadable = (error) => ["NotReadableError", "NotFoundError"].includes(error.name);
const passing = (error) => error instanceof NoAnswer || [408, 425, 429].includes(error.status) || error.status >= 500;

/** Why this file is not sent, and what to do: a refusal says it itself. */
function reason(error) {
  if (unreadable(error)) return "Ce fichier a changé, ou n'est plus lisible ici : choisissez-le de nouveau.";
  if (error.status === 401) return "Votre session est terminée. Reconnectez-vous : le fichier attend ici, puis partira.";
  if (error.code === "form_expired") return "Cette page est ouverte depuis trop longtemps. Rechargez-la : le fichier attend ici.";
  if (error.status === 413 && !error.code) return "Ce fichier est trop volumineux pour ce service : choisissez-en un plus léger.";
  if (error instanceof Refused) return error.message;
  console.warn(error);
  return "Cette page a rencontré une erreur. Rechargez-la : le fichier attend ici. Si cela recommence, prévenez votre établissement.";
}

/** What is shown of one file: its name, one of the honest words, its progress, its buttons. */
class Row {
  constructor(list, entry) {
    this.item = document.createElement("li");
    this.item.innerHTML = '<strong></strong> <span class="state wait"></span><progress max="100" value="0"></progress><p class="small" role="status"></p><p class="acts"></p>';
    [this.name, this.word, this.bar, this.said, this.acts] = this.item.children;
    this.name.textContent = entry.name;
    this.bar.setAttribute("aria-label", `Envoi de ${entry.name}`);
    list.append(this.item);
  }
  state(word, tone, said = "", buttons = []) {
    this.word.textContent = word;
    this.word.className = `state ${tone}`;
    this.said.textContent = said;
    this.acts.replaceChildren(...buttons.map((act) => this.button(act)));
  }
  button(act) {
    const button = document.createElement(act.address ? "a" : "button");
    button.className = "link";
    button.textContent = act.label;
    if (act.address) button.href = act.address; else { button.type = "button"; button.addEventListener("click", act.call); }
    return button;
  }
  progress(percent) { this.bar.value = percent; }
  gone() { this.item.remove(); }
}

class Sending {
  constructor(form) {
    this.form = form;
    this.list = form.querySelector("[data-sending]");
    this.said = form.querySelector("[data-said]");
    this.portfolio = form.dataset.portfolio;
    this.entries = [];
    this.running = this.relayed = false;
    form.querySelector("[data-plain]").hidden = true;
    form.querySelectorAll("input[type=file]").forEach((input) => input.addEventListener("change", () => this.chosen(input)));
    form.addEventListener("submit", (event) => event.preventDefault());
    tabs.addEventListener("message", ({ data }) => {
      const entry = this.entries.find((one) => one.key === data.forgotten && !one.over);
      if (entry) this.dropped(entry);
    });
    addEventListener("beforeunload", (event) => { if (this.entries.some((entry) => !entry.kept && !entry.over)) event.preventDefault(); });
  }

  async chosen(input) {
    const files = [...input.files], group = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    input.value = "";
    const first = files[0]?.name;
    for (const file of files) {
      const unfinished = this.unfinished(file);
      const known = this.entries.find((entry) => !entry.over && entry.file === unfinished?.dataset.pending);
      if (known) { known.blob = file; this.again(known); continue; }
      const entry = {
        key: `${group}-${this.entries.length}`, group, first, portfolio: this.portfolio, name: file.name, blob: file, at: Date.now(),
        piece: this.form.dataset.piece || null, file: unfinished?.dataset.pending || null, address: null,
      };
      entry.kept = await keepFile(entry);
      this.add(entry);
    }
    this.run();
  }

  /** An upload that this page shows as not finished, and that this file is. */
  unfinished(file) {
    return [...document.querySelectorAll("[data-pending]")].find((one) => one.dataset.name === file.name && Number(one.dataset.size) === file.size);
  }

  async restore() {
    for (const entry of await keptFiles(this.portfolio)) this.add({ ...entry, kept: true });
    if (this.entries.length) this.run();
  }

  /** Chosen before this module came, on a slow network. */
  chosenEarly() {
    this.form.querySelectorAll("input[type=file]").forEach((input) => { if (input.files.length) this.chosen(input); });
  }

  add(entry) {
    entry.row = new Row(this.list, entry);
    this.entries.push(entry);
    this.waits(entry);
  }

  /** Their owner signed out, in this tab or another, and had them erased. */
  erased() {
    for (const entry of this.entries.filter((one) => !one.over)) {
      entry.paused = entry.over = true;
      entry.abort?.();
      entry.row.gone();
    }
    this.said.textContent = "";
  }

  waits(entry) {
    const days = Math.floor((Date.now() - entry.at) / 86_400_000);
    const old = days >= WARN_DAYS - 2 ? ` Choisi il y a ${days} jours : envoyez-le sans tarder, le téléphone peut l'oublier.` : "";
    entry.row.state("sur ce téléphone", "wait", `En attente d'envoi.${old}`, [this.act("Mettre en pause", () => this.hold(entry)), this.forgetting(entry)]);
  }

  act(label, call) { return { label, call }; }
  forgetting(entry) { return this.act("Ne pas envoyer", () => this.forget(entry)); }

  hold(entry) {
    entry.paused = true;
    entry.abort?.();
    entry.row.state("sur ce téléphone", "wait", "En pause : rien n'est perdu.", [this.act("Reprendre", () => this.again(entry)), this.forgetting(entry)]);
  }

  again(entry) {
    entry.paused = false;
    entry.failed = false;
    this.waits(entry);
    this.run();
  }

  /** Not to be sent any more, or sent by another tab. */
  dropped(entry) {
    entry.paused = entry.over = true;
    entry.abort?.();
    entry.row.gone();
    this.tell();
  }

  async forget(entry) {
    this.dropped(entry);
    await forgetFile(entry.key);
    tabs.postMessage({ forgotten: entry.key });
    if (entry.file) {
      const told = await ask(`${API}/files/${entry.file}`).catch(() => null);
      if (told?.file.state === "pending") await ask(`${API}/files/${entry.file}`, "DELETE", undefined, { "If-Match": `"${told.file.revision}"` }).catch(() => null);
    }
    this.tell();
  }

  async run() {
    if (this.running) return;
    this.running = true;
    const turn = async () => {
      for (;;) {
        const entry = this.entries.find((one) => !one.over && !one.paused && !one.failed);
        if (!entry) break;
        if (entry.kept && !(await stillKept(entry.key))) this.dropped(entry);
        else await this.send(entry);
        this.tell();
      }
    };
    // Of two tabs, one sends.
    await (navigator.locks ? navigator.locks.request("portfolio-uploads", turn) : turn());
    this.running = false;
  }

  /** Until it is over, paused or refused: what passes by itself is waited for. */
  async send(entry) {
    for (let wait = FIRST_WAIT_MS; ;) {
      try {
        return await this.steps(entry);
      } catch (error) {
        if (error instanceof Paused || entry.paused) return;
        if (!passing(error)) return this.refused(entry, error);
        if (error.code === "store_cannot_write") entry.unkept = true;
        const why = error.status === 429 ? error.message.replace(/[.]$/, "") : navigator.onLine ? "Le service ne répond pas" : "La connexion manque";
        entry.row.state("sur ce téléphone", "wait", `${why} : l'envoi reprendra tout seul, où il s'est arrêté.`, [this.act("Mettre en pause", () => this.hold(entry)), this.forgetting(entry)]);
        await pause(wait);
        wait = Math.min(wait * 2, LONGEST_WAIT_MS);
        if (entry.paused || entry.over) return;
      }
    }
  }

  refused(entry, error) {
    if (["upload_over", "file_removed", "not_found"].includes(error.code)) entry.file = null; // another try begins it anew
    entry.failed = true;
    const signIn = error.status === 401 ? [{ label: "Se reconnecter", address: `/connexion?suite=${encodeURIComponent(location.pathname)}` }] : [];
    entry.row.state("sur ce téléphone", "wrong", reason(error), [...signIn, this.act("Réessayer", () => this.again(entry)), this.forgetting(entry)]);
  }

  async steps(entry) {
    if (!entry.file && !entry.blob.size) return this.empty(entry);
    if (!entry.piece) await this.begin(entry);
    let told = entry.file ? await ask(`${API}/files/${entry.file}`) : await this.announce(entry);
    // The store was full and kept nothing of it: it counts no more, and is begun anew.
    if (entry.unkept && told.file.removed_at) told = await this.announce(entry);
    entry.unkept = false;
    const file = told.file;
    if (file.state === "pending") {
      await this.parts(entry, told);
      entry.row.state("envoyé", "wait", "Le service vérifie le fichier.");
      return this.concluded(entry, await ask(`${API}/files/${file.id}/commit`, "POST", undefined, {}, VERIFIED_IN_MS));
    }
    return this.concluded(entry, file);
  }

  /** Nothing is begun for it. */
  async empty(entry) {
    entry.over = true;
    await forgetFile(entry.key);
    entry.row.state("refusé", "wrong", "Ce fichier est vide. Vérifiez qu'il s'ouvre sur votre appareil, puis déposez-le de nouveau.");
  }

  async begin(entry) {
    const body = new URLSearchParams(new FormData(this.form));
    for (const name of ["photo", "files"]) body.delete(name);
    body.set("_once", `piece-${entry.group}`);
    body.set("name", entry.first);
    const made = await ask(this.form.dataset.create, "POST", body);
    entry.piece = made.id;
    entry.address = made.address;
    await keepAgain(entry);
  }

  async announce(entry) {
    entry.relay ??= this.relayed;
    await keepAgain(entry); // asked again after a reload, the same key says the same
    const said = { name: entry.name, size: entry.blob.size, sha256: await digest(entry.blob), relay: entry.relay };
    const key = { "Content-Type": "application/json", "Idempotency-Key": `file-${entry.key}-${entry.tries ?? 0}` };
    const file = await ask(`${API}/evidence/${entry.piece}/files`, "POST", JSON.stringify(said), key);
    entry.file = file.id;
    entry.tries = (entry.tries ?? 0) + 1;
    await keepAgain(entry);
    return { file, parts: {}, links: {} };
  }

  async parts(entry, told) {
    const file = told.file, held = told.parts;
    const count = Math.ceil(file.declared_size / file.part_size);
    let sent = Object.entries(held).reduce((total, [, size]) => total + size, 0);
    const show = (more) => entry.row.progress(Math.round((100 * (sent + more)) / file.declared_size));
    entry.row.state("sur ce téléphone", "wait", "Envoi en cours.", [this.act("Mettre en pause", () => this.hold(entry)), this.forgetting(entry)]);
    for (let number = 1; number <= count; number++) {
      const blob = entry.blob.slice((number - 1) * file.part_size, number * file.part_size);
      if (held[number] === blob.size) continue;
      if (entry.paused) throw new Paused();
      await this.part(entry, told, number, blob, show);
      sent += blob.size;
      show(0);
    }
    entry.row.progress(100);
  }

  /** A link lives a quarter of an hour, and a network may stumble: the store is tried twice before the service is asked. */
  async part(entry, told, number, blob, show) {
    const address = `${API}/files/${told.file.id}`;
    for (let tries = 0; told.file.way === "presigned"; tries++) {
      if (tries || !told.links[number]) told.links = (await ask(address)).links;
      if (!told.links[number]) return; // the store holds too much of this file: its verdict says so
      try {
        return await put(told.links[number], blob, entry, show);
      } catch (error) {
        if (error instanceof Paused) throw error;
        if (!tries) { await pause(FIRST_WAIT_MS); continue; }
        told.file = await ask(`${address}/relay`, "POST");
        this.relayed = true;
      }
    }
    return put(`${address}/parts/${number}`, blob, entry, show);
  }

  async concluded(entry, file) {
    entry.over = true;
    await forgetFile(entry.key);
    const here = location.pathname.endsWith(entry.piece);
    const next = [{ label: here ? "Voir le fichier" : "Compléter la preuve", address: `/portfolio/preuve/${entry.piece}` }];
    if (file.state === "verified") { entry.row.progress(100); entry.row.state("vérifié", "ok", "", next); }
    else entry.row.state("refusé", "wrong", file.reason, next);
  }

  tell() {
    const left = this.entries.filter((entry) => !entry.over).length;
    const sent = this.entries.length - left;
    if (left) this.said.textContent = left > 1 ? `${left} fichiers ne sont pas encore envoyés.` : "1 fichier n'est pas encore envoyé.";
    else this.said.textContent = sent ? "Tout est envoyé." : "";
  }
}

const form = document.querySelector("form[data-uploads]");
if (form) {
  const sending = new Sending(form);
  sending.restore().then(() => sending.chosenEarly());
  new BroadcastChannel("portfolio").addEventListener("message", () => sending.erased());
}

// The page stays where it is while an archive is downloaded: it may be asked for again.
document.querySelectorAll("form[data-download]").forEach((asking) => asking.addEventListener("submit", () => setTimeout(() => {
  delete asking.dataset.sent;
  asking.querySelectorAll("button").forEach((button) => button.removeAttribute("aria-disabled"));
}, 3000)));
