// Files kept in this browser until they are verified. Where it cannot (private window, no room), sending still works:
// then the page asks before it is left. A computer may be shared: each file is its owner's, and nobody else finds it.

const DAY_MS = 86_400_000;
const KEPT_DAYS = 14; // then it is erased by the next page that anybody signed in opens here: said in legal.html, help.html

/** Who is signed in: an opaque id, given by every page that one may sign out of. */
export const owner = document.querySelector("form[data-owner]")?.dataset.owner ?? null;

const open = new Promise((done) => {
  const asked = globalThis.indexedDB?.open("portfolio", 1);
  if (!asked) return done(null);
  asked.onupgradeneeded = () => asked.result.createObjectStore("files", { keyPath: "key" });
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => done(null);
});

/** What `call` asked for, once it is written for good; undefined where it could not be. */
async function inStore(mode, call) {
  const database = await open;
  if (!database) return undefined;
  return new Promise((done) => {
    const transaction = database.transaction("files", mode);
    const asked = call(transaction.objectStore("files"));
    transaction.oncomplete = () => done(asked.result ?? true);
    transaction.onerror = (event) => event.preventDefault();
    transaction.onabort = () => done(undefined);
  });
}

function stored({ key, group, first, portfolio, name, blob, at, piece, begun, file, address, tries, relay, refusal }) {
  return { owner, key, group, first, portfolio, name, blob, at, piece, begun, file, address, tries, relay, refusal };
}

/** Whether it is kept. */
export async function keepFile(entry) {
  try {
    return Boolean(await inStore("readwrite", (store) => store.put(stored(entry))));
  } catch {
    return false;
  }
}

/** As it stands now, unless it was erased meanwhile (by a sign-out in another tab). */
export async function keepAgain(entry) {
  await inStore("readwrite", (store) => {
    const held = store.get(entry.key);
    held.onsuccess = () => { if (held.result) store.put(stored(entry)); };
    return held;
  }).catch(() => false);
}

/** This person's, the oldest first; of one portfolio or of all. */
export async function keptFiles(portfolio = null) {
  const all = await inStore("readonly", (store) => store.getAll());
  const mine = (entry) => entry.owner === owner && (!portfolio || entry.portfolio === portfolio);
  return owner && Array.isArray(all) ? all.filter(mine).sort((a, b) => a.at - b.at) : [];
}

/** A file that was kept, as it stands now; null where another tab erased or sent it, undefined where nothing can be kept. */
export async function heldNow(key) {
  const held = await inStore("readonly", (store) => store.getAll(key)).catch(() => undefined);
  return held === undefined ? undefined : held[0] ?? null;
}

/** The last day on which it is kept, in words. */
export const lastDay = (entry) => new Date(entry.at + KEPT_DAYS * DAY_MS).toLocaleDateString("fr-FR", { day: "numeric", month: "long" });

export const forgetFile = (key) => inStore("readwrite", (store) => store.delete(key));

function forget(whose) {
  return inStore("readwrite", (store) => {
    const all = store.getAll();
    all.onsuccess = () => all.result.filter(whose).forEach((entry) => store.delete(entry.key));
    return all;
  });
}

export const forgetMine = () => forget((entry) => entry.owner === owner);
export const forgetOld = () => forget((entry) => Date.now() - entry.at > KEPT_DAYS * DAY_MS);
