// Scoring: each degree and observation saved as it is given, keys, evidence that follows the row, who else is there.
// Without this module the same grid is a plain form.

import { Saver } from "./commission_saver.js";

const PRESENCE_MS = 20_000;

const bar = document.querySelector(".bar");
const form = document.querySelector("form[data-grid]");
const saver = form?.dataset.save ? new Saver(form, bar.querySelector("[data-saved]")) : null;
const rows = form ? [...form.querySelectorAll("[data-row]")] : [];

// --- leaving: only once the server has acknowledged everything ---

document.querySelectorAll("a[data-go]").forEach((link) => {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || !saver || saver.settled) return;
    event.preventDefault();
    saver.leave(() => location.assign(link.href));
  });
});
document.querySelectorAll("form[data-waits]").forEach((waiting) => {
  waiting.addEventListener("submit", (event) => {
    if (!saver || saver.settled) return;
    event.preventDefault();
    saver.leave(() => waiting.requestSubmit());
  });
});
window.addEventListener("beforeunload", (event) => { if (saver && !saver.settled) event.preventDefault(); });
document.querySelectorAll("[data-plain]").forEach((plain) => { plain.hidden = Boolean(saver); });

// --- evidence: all of it, or what is put forward for one row ---

const pieces = [...document.querySelectorAll("[data-proves]")];
const follow = document.querySelector("[data-follow]");
const told = document.querySelector("[data-filtered]");
const only = new URLSearchParams(location.search).has("ligne"); // the server left the others out

function show(row) {
  const proves = (piece) => !row || piece.dataset.proves.split(" ").includes(row);
  for (const piece of pieces) piece.hidden = !proves(piece);
  document.querySelectorAll("[data-activity]").forEach((activity) => {
    activity.hidden = ![...activity.querySelectorAll("[data-proves]")].some(proves);
  });
  document.querySelectorAll("[data-claims]").forEach((claim) => claim.classList.toggle("asked", claim.dataset.claims === row));
  document.querySelectorAll(".filter [data-row-filter]").forEach((link) => {
    if (link.dataset.rowFilter === row) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
  });
  const shown = pieces.filter(proves).length;
  if (told) told.textContent = row ? `${shown} ${shown < 2 ? "preuve" : "preuves"} sur ${pieces.length} pour ${row}.` : "";
}

if (follow && rows.length && !only) {
  follow.hidden = false;
  document.querySelectorAll("[data-row-filter]").forEach((link) => {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      show(link.dataset.rowFilter);
      document.querySelector("#preuves").scrollIntoView({ block: "nearest" });
    });
  });
}
const follows = () => follow && !follow.hidden && follow.querySelector("input").checked;

// --- the row being scored ---

let current = rows.find((row) => !row.querySelector("input:checked")) ?? rows[0];

function mark(row, filter = true) {
  current?.classList.remove("current");
  current = row;
  current?.classList.add("current");
  if (row && filter && follows()) show(row.dataset.row);
}
function enter(row) {
  if (!row) return;
  const radios = [...row.querySelectorAll("input[type=radio]:not(:disabled)")];
  (radios.find((radio) => radio.checked) ?? radios[0])?.focus();
  row.scrollIntoView({ block: "nearest" });
}
const step = (by) => enter(rows[rows.indexOf(current) + by]);

mark(current, false);
form?.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-row]");
  if (row && row !== current) mark(row);
  else if (row && follows()) show(row.dataset.row);
});

// --- keys ---

const keys = document.querySelector("dialog[data-keys]");
const active = keys?.querySelector("[data-keys-on]");
if (active) {
  active.checked = localStorage.getItem("touches") !== "non";
  active.addEventListener("change", () => localStorage.setItem("touches", active.checked ? "oui" : "non"));
}
document.querySelectorAll("[data-help]").forEach((button) => {
  button.hidden = !keys;
  button.addEventListener("click", () => keys.showModal());
});

function give(key) {
  const radio = current?.querySelector(`input[data-key="${key}"]:not(:disabled)`);
  if (!radio) return false;
  radio.focus();
  if (!radio.checked) { radio.checked = true; radio.dispatchEvent(new Event("change", { bubbles: true })); }
  return true;
}
// The digit of a key, whatever it types: the top row of a French or Belgian keyboard types & é " ' without Shift. With
// Shift a key that types no digit is another sign ("/" on a German 7); a number pad without Num Lock moves.
function digit(event) {
  if (/^[0-9]$/.test(event.key)) return event.key;
  return event.shiftKey ? undefined : /^Digit([0-9])$/.exec(event.code)?.[1];
}
function press(event, inRow) {
  const given = digit(event);
  if (given !== undefined) return give(given);
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key; // Caps Lock changes no key
  if (key === "?") { keys.showModal(); return true; }
  if (key === "c" && current) { current.querySelector("textarea").focus(); return true; }
  if (inRow && (key === "ArrowDown" || key === "Enter")) { step(1); return true; }
  if (inRow && key === "ArrowUp") { step(-1); return true; }
  if (key === "n" || key === "p") {
    const link = bar.querySelector(`[data-go="${key}"]`);
    if (link) link.click(); else saver?.remark(key === "n" ? "C'est le dernier candidat de la liste." : "C'est le premier candidat de la liste.");
    return true;
  }
  return false;
}
document.addEventListener("keydown", (event) => {
  if (!keys || keys.open || event.ctrlKey || event.metaKey || event.altKey || event.getModifierState("AltGraph")) return;
  const target = event.target;
  if (target.matches("textarea, select, input:not([type=radio], [type=checkbox])")) {
    if (event.key === "Escape" && target.closest("[data-row]")) enter(target.closest("[data-row]"));
    return;
  }
  const inRow = target.matches("[data-row] input");
  if ((active.checked || event.key === "?") && press(event, inRow)) event.preventDefault();
});

// --- who else is there, and what moved meanwhile ---

const others = document.querySelector("[data-others]");
const moved = document.querySelector("[data-moved]");

async function present() {
  if (document.hidden) return;
  const body = new URLSearchParams({ csrf_token: bar.dataset.token });
  if (form) { body.set("grid", form.dataset.grid); body.set("revision", saver?.revision ?? form.elements._revision.value); }
  let answer;
  try {
    const got = await fetch(bar.dataset.desk, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!got.ok) return;
    answer = await got.json();
  } catch { return; }
  const words = answer.others.map((one) => `${one.name} est aussi là depuis ${one.since}.`).join(" ");
  if (others.textContent.trim() !== words) others.textContent = words;
  if (answer.grid) saver?.absorb(answer.grid);
  const page = document.querySelector("[data-watch]")?.dataset.watch.split(" ") ?? ["sheet"];
  const changed = {
    sheet: String(answer.sheet ?? "") !== bar.dataset.sheet,
    assessment: String(answer.assessment) !== bar.dataset.assessment,
    opened: form && answer.opened !== undefined && String(answer.opened) !== form.dataset.opened,
  };
  moved.hidden = !page.some((what) => changed[what]);
}
if (bar) {
  present();
  setInterval(present, PRESENCE_MS);
  document.addEventListener("visibilitychange", present);
}
