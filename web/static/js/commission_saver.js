// Saves a grid field by field. One request at a time, at the revision last acknowledged; what is not acknowledged is
// said until it is, and tried again. Where somebody else changed the same field, both values are shown to choose from.

const PAUSE_MS = 700;
const RETRY_MS = 1000;
const LONGEST_RETRY_MS = 15_000;
const FIELDS = ["degrees", "observations"];

const plain = (given) => (given ?? "").replaceAll("\r\n", "\n").trim();

export class Saver {
  constructor(form, status) {
    this.form = form;
    this.status = status;
    this.revision = Number(form.elements._revision.value);
    this.known = new Map(); // as the server has it
    this.pending = new Map(); // as typed, not acknowledged
    this.clashes = new Map(); // name → what is stored meanwhile
    this.refused = new Set();
    this.busy = false;
    this.unknown = false;
    this.over = false;
    this.wait = RETRY_MS;
    for (const row of form.querySelectorAll("[data-row]")) {
      for (const field of FIELDS) this.known.set(`${field}.${row.dataset.row}`, this.drawn(`${field}.${row.dataset.row}`));
    }
    form.addEventListener("change", (event) => this.changed(event.target, 0));
    form.addEventListener("input", (event) => { if (event.target.matches("textarea")) this.changed(event.target, PAUSE_MS); });
    form.addEventListener("submit", (event) => { event.preventDefault(); this.flush(); });
    for (const name of this.known.keys()) { // given while this module was on its way
      const field = form.querySelector(`[name="${name}"]:not(:disabled)`);
      if (field && this.read(name) !== this.known.get(name)) this.changed(field, 0);
    }
  }

  get settled() { return this.over || !this.busy && !this.pending.size && !this.clashes.size && !this.refused.size; }

  read(name) { return plain(new FormData(this.form).get(name)); }

  /** As the server drew the page: the form is `autocomplete="off"`, so that no browser fills in what it remembers. */
  drawn(name) {
    const before = this.form.elements[`before.${name}`]; // what is stored, where the page shows what was typed instead
    if (before) return plain(before.value);
    const fields = [...this.form.querySelectorAll(`[name="${name}"]`)];
    const given = fields[0]?.type === "radio" ? fields.find((one) => one.defaultChecked)?.value : fields[0]?.defaultValue;
    return plain(given);
  }

  write(name, value) {
    if (name.startsWith("degrees.")) {
      for (const radio of this.form.querySelectorAll(`[name="${name}"]`)) radio.checked = radio.value === value;
    } else this.form.elements[name].value = value;
  }

  changed(target, pause) {
    if (this.unknown || !this.known.has(target.name)) return;
    const value = this.read(target.name);
    if (value === this.known.get(target.name) && !this.pending.has(target.name) && !this.busy) return;
    this.refused.delete(target.name);
    this.pending.set(target.name, value);
    this.say("Pas encore enregistré…", "unsaved");
    this.later(pause);
  }

  later(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), pause);
  }

  /** Calls `go` once everything is acknowledged; not at all while a choice is to be made. */
  leave(go) {
    this.leaving = go;
    if (this.clashes.size || this.refused.size) return this.stay();
    this.say("Enregistrement en cours : la suite attend la réponse du serveur.", "unsaved");
    clearTimeout(this.timer);
    this.flush();
  }

  stay() {
    this.leaving = null;
    this.say("Pas enregistré : corrigez ou choisissez ci-dessous avant de passer à la suite.", "unsaved");
    (this.form.querySelector(".clash button") ?? this.form.querySelector("[aria-invalid]"))?.focus();
  }

  async flush() {
    const sent = new Map([...this.pending].filter(([name]) => !this.clashes.has(name)));
    if (this.busy || !sent.size) return this.arrived();
    this.busy = true;
    const body = new URLSearchParams(sent);
    for (const name of ["csrf_token", "candidacy", "submission"]) body.set(name, this.form.elements[name].value);
    body.set("_revision", this.revision);
    let again = null;
    try {
      const answer = await fetch(this.form.dataset.save, { method: "POST", body, headers: { Accept: "application/json" } });
      const told = await answer.json();
      again = this.answered(answer.status, told, sent);
    } catch {
      again = this.failed("la connexion manque");
    }
    this.busy = false;
    if (again !== null) this.later(again); else this.arrived();
  }

  /** How long to wait before trying again, null where nothing is to be tried. */
  answered(status, told, sent) {
    if (status === 200) return this.saved(told, sent);
    if (status === 412) { this.absorb(told.current); return this.pending.size > this.clashes.size ? 0 : null; }
    if (status === 429 || status >= 500) return this.failed("le serveur ne répond pas");
    if (status === 422) for (const name of sent.keys()) { this.refused.add(name); this.pending.delete(name); }
    const why = Object.values(told.errors ?? {}).flat().join(" ") || told.detail;
    this.leaving = null;
    this.say(`Pas enregistré. ${why}`, "unsaved");
    if (status !== 422) this.status.append(" ", status === 401 ? this.carryOn() : this.giveUp());
    return null;
  }

  saved(told, sent) {
    this.wait = RETRY_MS;
    this.at(told.revision);
    for (const [name, value] of sent) {
      this.known.set(name, value);
      if (this.pending.get(name) === value) this.pending.delete(name);
    }
    if (!this.pending.size) this.say(`Enregistré à ${told.saved_at}`, "ok");
    return this.pending.size ? 0 : null;
  }

  failed(why) {
    const wait = this.wait;
    this.wait = Math.min(wait * 2, LONGEST_RETRY_MS);
    this.say(`Pas encore enregistré : ${why}. Nouvel essai en cours ; ne fermez pas la page.`, "unsaved");
    return wait;
  }

  /** What can no longer be saved here (sealed elsewhere, sheet drawn up): the page as it is now. */
  giveUp() { return this.offer("Recharger la page", () => location.reload()); }

  /** Signed out, or a code is owed: the whole form is sent as a form, which the site carries until it may be. */
  carryOn() {
    this.unknown = true; // what is still typed goes with the rest
    clearTimeout(this.timer);
    return this.offer("Continuer", () => this.form.submit());
  }

  offer(label, go) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.textContent = label;
    button.addEventListener("click", () => {
      this.over = true; // nothing more is saved from here, whatever is on its way
      go();
    });
    return button;
  }

  arrived() {
    if (this.leaving && (this.clashes.size || this.refused.size)) return this.stay();
    if (!this.leaving || !this.settled) return;
    const go = this.leaving;
    this.leaving = null;
    go();
  }

  /** Every form of the page that acts on this grid names the revision last seen. */
  at(revision) {
    this.revision = revision;
    const actions = document.querySelectorAll(`form[action*="${this.form.dataset.grid}"] [name=_revision]`);
    for (const hidden of actions) hidden.value = revision;
  }

  /** The grid as it is now: what nobody is typing here is updated, what both changed is shown twice. */
  absorb(grid) {
    if (grid.revision <= this.revision) return;
    this.at(grid.revision);
    for (const name of this.known.keys()) {
      const [field, row] = [name.slice(0, name.indexOf(".")), name.slice(name.indexOf(".") + 1)];
      const stored = grid[field][row] ?? "";
      if (stored === this.known.get(name)) continue;
      this.known.set(name, stored);
      if (this.pending.has(name) && this.pending.get(name) !== stored) this.clash(name, row, stored);
      else this.updated(name, row, stored);
    }
    if (this.settled) this.say("À jour.", "ok");
  }

  updated(name, row, stored) {
    this.pending.delete(name);
    if (this.read(name) === stored) return;
    this.write(name, stored);
    this.note(row, "by-other", "Modifiée à l'instant sur un autre écran.");
  }

  words(name, value) {
    const label = this.form.querySelector(`[name="${name}"][value="${CSS.escape(value)}"]`)?.closest("label");
    return label?.textContent.trim() || value || (name.startsWith("degrees.") ? "aucun degré" : "aucune observation");
  }

  clash(name, row, stored) {
    this.clashes.set(name, stored);
    const box = this.note(row, "clash", `Deux valeurs pour ${row}. Enregistrée entre-temps : « ${this.words(name, stored)} ». La vôtre : « ${this.words(name, this.pending.get(name))} ».`, name);
    box.append(document.createElement("br"), this.choice(`Garder « ${this.words(name, stored)} »`, name, box, () => {
      this.pending.delete(name);
      this.write(name, stored);
    }), this.choice("Enregistrer la mienne", name, box, () => {}));
    this.say("Pas enregistré : une valeur a changé entre-temps, choisissez.", "unsaved");
    box.querySelector("button").focus();
    box.scrollIntoView({ block: "nearest" });
  }

  choice(words, name, box, choose) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "outline";
    button.textContent = words;
    button.addEventListener("click", () => {
      this.clashes.delete(name);
      choose();
      const row = box.closest("[data-row]");
      box.remove();
      row.querySelector("input:checked, textarea")?.focus();
      if (this.settled) this.say("À jour.", "ok"); else this.later(0);
    });
    return button;
  }

  note(row, kind, words, about = kind) {
    const place = this.form.querySelector(`[data-row="${CSS.escape(row)}"]`);
    place.querySelectorAll(`.${kind}`).forEach((old) => { if (old.dataset.about === about) old.remove(); });
    const note = document.createElement("p");
    note.className = kind;
    note.dataset.about = about;
    note.setAttribute("role", kind === "clash" ? "alert" : "status");
    note.textContent = words;
    place.append(note);
    return note;
  }

  remark(words) { this.say(words, this.settled ? "" : "unsaved"); }

  say(words, tone) {
    this.status.textContent = words;
    this.status.className = `saved ${tone}`;
  }
}
