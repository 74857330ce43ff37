// The candidate's files: choosing one is sending it. Each is kept in this browser until the server has verified it, so
// that a cut, a pause or a page that is left loses nothing. One queue, on every page of a candidate: it goes on wherever its
// owner is. Sent in parts, one file at a time: by the doors of the API, or straight to the store where the service says
// so; by the doors again where this network refuses the store.

import { forgetFile, heldNow, keepAgain, keepFile, keptFiles, lastDay } from "./kept.js";
import { API, ask, digest, passing, pause, Paused, put, reason, whyNotYet } from "./requests.js";

const FIRST_WAIT_MS = 1000, LONGEST_WAIT_MS = 30_000;
const VERIFIED_IN_MS = 300_000;
const WARN_DAYS = 5; // some browsers forget what they keep after seven days

const tabs = new BroadcastChannel("portfolio-uploads"); // {forgotten: key}: not to be sent, by any tab

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

const notSent = (files) => (files > 1 ? `${files} fichiers ne sont pas encore envoyés` : "1 fichier n'est pas encore envoyé");

const freshKey = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;

/** The queue of one portfolio. panel: what every page of it has; form: where files are chosen, on those that have one. */
class Sending {
  constructor(panel, form) {
    this.panel = panel;
    this.csrf = panel.querySelector("[name=csrf_token]").value;
    this.form = form;
    this.portfolio = panel.dataset.queue;
    this.entries = [];
    this.running = this.relayed = this.warned = this.closed = false;
    if (form) this.choosing(form); else this.watching(panel);
    const place = form ?? panel;
    this.list = place.querySelector("[data-sending]");
    this.said = place.querySelector("[data-said]");
    tabs.addEventListener("message", ({ data }) => {
      const entry = this.entries.find((one) => one.key === data.forgotten && !one.gone);
      if (entry) this.dropped(entry);
    });
    addEventListener("beforeunload", (event) => { if (this.entries.some((entry) => !entry.kept && !entry.over)) event.preventDefault(); });
  }

  choosing(form) {
    form.querySelector("[data-plain]").hidden = true;
    form.querySelectorAll("input[type=file]").forEach((input) => input.addEventListener("change", () => this.chosen(input)));
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  /** A page where nothing is chosen: what is still on its way is shown at its foot, while there is some. */
  watching(panel) {
    panel.innerHTML = '<button type="button" class="link">Fermer</button><p class="saved" role="status" data-said></p><ul class="plain sending" data-sending aria-label="Envois"></ul>';
    panel.querySelector("button").addEventListener("click", () => { panel.hidden = this.closed = true; }); // until the next page
    document.getElementById("submit")?.addEventListener("submit", (event) => {
      const left = this.left().length;
      if (!left || this.warned) return;
      event.preventDefault();
      this.warned = true;
      panel.hidden = this.closed = false;
      this.said.textContent = `Rien n'est encore remis. ${notSent(left)} : attendez qu'il n'en reste plus, ou appuyez de nouveau pour remettre sans.`;
    });
  }

  left() { return this.entries.filter((entry) => !entry.over); }

  async chosen(input) {
    const files = [...input.files], group = freshKey();
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
    if (this.left().length) this.run();
  }

  /** Chosen before this module came, on a slow network. */
  chosenEarly() {
    this.form?.querySelectorAll("input[type=file]").forEach((input) => { if (input.files.length) this.chosen(input); });
  }

  add(entry) {
    entry.row = new Row(this.list, entry);
    this.entries.push(entry);
    if (entry.refusal) this.tellRefusal(entry); else this.waits(entry);
    this.tell();
  }

  /** Their owner signed out, in this tab or another, and had them erased. */
  erased() {
    for (const entry of this.entries.filter((one) => !one.over || one.refusal)) this.dropped(entry);
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
    entry.paused = entry.over = entry.gone = true;
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
    await this.leaveNothing(entry);
    this.tell();
  }

  async run() {
    if (this.running) return;
    this.running = true;
    const turn = async () => {
      for (;;) {
        const entry = this.left().find((one) => !one.paused && !one.failed);
        if (!entry) break;
        const held = entry.kept ? await heldNow(entry.key) : undefined; // another tab may have sent or erased it
        if (held === null) this.dropped(entry);
        else if (held?.refusal) this.tellRefusal(Object.assign(entry, { refusal: held.refusal, piece: held.piece }));
        else await this.send(Object.assign(entry, held && { piece: held.piece, begun: held.begun, file: held.file, address: held.address, tries: held.tries }));
        this.tell();
      }
    };
    try { // of two tabs, one sends
      await (navigator.locks ? navigator.locks.request("portfolio-uploads", turn) : turn());
    } finally {
      this.running = false;
    }
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
        entry.row.state("sur ce téléphone", "wait", `${whyNotYet(error)} : l'envoi reprendra tout seul, où il s'est arrêté.`, [this.act("Mettre en pause", () => this.hold(entry)), this.forgetting(entry)]);
        await pause(error.after ? error.after * 1000 * (1 + Math.random() / 2) : wait); // not all at the same instant
        wait = Math.min(wait * 2, LONGEST_WAIT_MS);
        if (entry.paused || entry.over) return;
      }
    }
  }

  async refused(entry, error) {
    if (["file_too_large", "invalid"].includes(error.code) && !entry.file) return this.concluded(entry, { reason: error.message });
    if (["upload_over", "file_removed", "not_found"].includes(error.code)) entry.file = null; // another try begins it anew
    if (error.code === "withdrawn" && entry.begun) Object.assign(entry, { piece: null, file: null, begun: false, group: freshKey() });
    entry.failed = true;
    if (error.code === "portfolio_submitted") return this.leftOut(entry);
    const signIn = error.status === 401 ? [{ label: "Se reconnecter", address: `/connexion?suite=${encodeURIComponent(location.pathname)}` }] : [];
    entry.row.state("sur ce téléphone", "wrong", reason(error), [...signIn, this.act("Réessayer", () => this.again(entry)), this.forgetting(entry)]);
  }

  /** The portfolio was handed in without it: said, with what may be done; it goes by itself once the portfolio is open again. */
  leftOut(entry) {
    const until = entry.kept ? `ce navigateur le garde jusqu'au ${lastDay(entry)}` : "cette page seule le tient";
    entry.row.state("pas remis", "wrong", `« ${entry.name} » n'a pas été remis : il n'était pas envoyé à temps. S'il doit compter, demandez à votre professeur de rouvrir le portfolio, puis revenez ici : il partira. Sinon, enregistrez-le ailleurs ou effacez-le : ${until}.`, [
      this.act("L'enregistrer ailleurs", () => this.saveElsewhere(entry)), this.act("L'effacer d'ici", () => this.forget(entry)),
    ]);
  }

  saveElsewhere(entry) {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(entry.blob), download: entry.name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), LONGEST_WAIT_MS);
  }

  async steps(entry) {
    if (!entry.file && !entry.blob.size) return this.concluded(entry, { reason: "Ce fichier est vide. Vérifiez qu'il s'ouvre sur votre appareil, puis déposez-le de nouveau." });
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

  async begin(entry) {
    const body = new URLSearchParams({ csrf_token: this.csrf, _once: `piece-${entry.group}`, name: entry.first });
    const made = await ask(this.panel.dataset.create, "POST", body);
    entry.piece = made.id;
    entry.begun = true;
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

  /** An archive is no piece: the service makes one of each of its files. Returns whether it does. */
  async unpacked(entry, file) {
    if (file.reason_code !== "archive_file" || !entry.begun) return false; // added to a piece, it is refused
    let made;
    try {
      made = await ask(`${API}/files/${file.id}/unpacking`, "POST");
    } catch (error) {
      if (passing(error)) throw error; // asked again with the file
      return false; // of another kind than ZIP
    }
    entry.over = true;
    await forgetFile(entry.key);
    entry.row.progress(100);
    entry.row.state("reçu", "ok", "Ses fichiers deviennent des preuves, un par un.", [{ label: "Voir ce qu'ils deviennent", address: `/portfolio/${made.candidacy}/archives/${made.number}` }]);
    return true;
  }

  async concluded(entry, file) {
    if (await this.unpacked(entry, file)) return;
    entry.over = true;
    if (file.state !== "verified") {
      entry.refusal = file.reason;
      entry.blob = null; // its owner has it; why it was refused stays until it was read
      await keepAgain(entry);
      await this.leaveNothing(entry);
      return this.tellRefusal(entry);
    }
    await forgetFile(entry.key);
    entry.row.progress(100);
    if (file.unshown) return entry.row.state("reçu, pas affiché", "warn", file.unshown, [this.toPiece(entry)]);
    entry.row.state("vérifié", "ok", "", [this.toPiece(entry)]);
  }

  toPiece(entry) {
    const here = location.pathname.endsWith(entry.piece);
    return { label: here ? "Voir le fichier" : "Compléter la preuve", address: `/portfolio/preuve/${entry.piece}` };
  }

  tellRefusal(entry) {
    entry.over = true;
    entry.row.state("refusé", "wrong", entry.refusal, [...(entry.piece ? [this.toPiece(entry)] : []), this.act("J'ai lu", () => this.read(entry))]);
  }

  async read(entry) {
    this.dropped(entry);
    await forgetFile(entry.key);
    tabs.postMessage({ forgotten: entry.key });
  }

  /** Once the last file of a piece that was begun for them is refused or not to be sent, the piece goes: no empty draft. */
  async leaveNothing(entry) {
    const group = this.entries.filter((one) => one.group === entry.group), begun = group.find((one) => one.begun && one.piece);
    if (!begun || group.some((one) => !one.over)) return;
    const body = new URLSearchParams({ csrf_token: this.csrf });
    const told = await ask(`/portfolio/preuve/${begun.piece}/sans-suite`, "POST", body).catch(() => null);
    if (!told?.withdrawn) return;
    for (const one of group.filter((other) => other.refusal)) {
      one.piece = null;
      await keepAgain(one);
      this.tellRefusal(one);
    }
  }

  tell() {
    const left = this.left().length;
    const sent = this.entries.length - left;
    if (left) this.said.textContent = `${notSent(left)}.`;
    else this.said.textContent = sent && !this.entries.some((entry) => entry.refusal || entry.gone) ? "Tout est envoyé." : "";
    if (!this.form) this.panel.hidden = this.closed || this.entries.every((entry) => entry.gone);
  }
}

for (const panel of document.querySelectorAll("[data-queue]")) {
  const sending = new Sending(panel, document.querySelector("form[data-uploads]"));
  sending.restore().then(() => sending.chosenEarly());
  new BroadcastChannel("portfolio").addEventListener("message", () => sending.erased());
}

// The page stays where it is while an archive is downloaded: it may be asked for again.
document.querySelectorAll("form[data-download]").forEach((asking) => asking.addEventListener("submit", () => setTimeout(() => {
  delete asking.dataset.sent;
  asking.querySelectorAll("button").forEach((button) => button.removeAttribute("aria-disabled"));
}, 3000)));
