// Files kept in this browser until they are verified. Where it cannot (private window, no room), sending still works:
// then the page asks before it is left.

const open = new Promise((done) => {
  const asked = globalThis.indexedDB?.open("portfolio", 1);
  if (!asked) return done(null);
  asked.onupgradeneeded = () => asked.result.createObjectStore("files", { keyPath: "key" });
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => done(null);
});

async function inStore(mode, call) {
  const database = await open;
  if (!database) return undefined;
  return new Promise((done) => {
    const asked = call(database.transaction("files", mode).objectStore("files"));
    asked.onsuccess = () => done(asked.result ?? true);
    asked.onerror = (event) => { event.preventDefault(); done(undefined); };
  });
}

/** Whether it is kept. */
export async function keepFile({ key, group, first, portfolio, name, blob, at, piece, file, address, tries }) {
  try {
    return Boolean(await inStore("readwrite", (store) => store.put({ key, group, first, portfolio, name, blob, at, piece, file, address, tries })));
  } catch {
    return false;
  }
}

export async function keptFiles(portfolio) {
  const all = await inStore("readonly", (store) => store.getAll());
  return Array.isArray(all) ? all.filter((entry) => entry.portfolio === portfolio).sort((a, b) => a.at - b.at) : [];
}

export const forgetFile = (key) => inStore("readwrite", (store) => store.delete(key));
