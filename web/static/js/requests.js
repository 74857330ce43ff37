// What the files of a candidate ask of the service: each request ends, and what stopped it is told as it is.

export const API = "/api/v1";
const STALLED_MS = 60_000; // no byte moved, no answer: the request is given up and made again
const DIGESTED_BYTES = 64 << 20; // a larger file is digested by the server alone

/** after: the seconds to wait before it is tried again, where the service says so. */
export class Refused extends Error {
  constructor(told, status, after = null) {
    super(told.detail || "L'envoi a été refusé.");
    this.code = told.code;
    this.status = status;
    this.after = Number(after) || 0;
  }
}
export class Paused extends Error {}
class NoAnswer extends Error {} // the network, or a service that does not answer

export const pause = (ms) => new Promise((done) => {
  const timer = setTimeout(done, ms);
  addEventListener("online", () => { clearTimeout(timer); done(); }, { once: true });
});

export async function ask(address, method = "GET", body = undefined, headers = {}, patience = STALLED_MS) {
  const asked = { method, body, headers: { Accept: "application/json", ...headers }, signal: AbortSignal.timeout(patience) };
  const answer = await fetch(address, asked).catch(() => { throw new NoAnswer(); });
  const told = answer.headers.get("Content-Type")?.includes("json") ? await answer.json().catch(() => { throw new NoAnswer(); }) : {};
  if (!answer.ok) throw new Refused(told, answer.status, answer.headers.get("Retry-After"));
  return told;
}

/** One part, with its progress: fetch tells nothing of what has left. */
export function put(address, blob, entry, onProgress) {
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
      failed(new Refused(told, request.status, request.getResponseHeader("Retry-After")));
    };
    moves();
    request.send(blob);
  });
}

export async function digest(blob) {
  if (!crypto.subtle || blob.size > DIGESTED_BYTES) return undefined;
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The file was moved or changed after it was chosen.
const unreadable = (error) => ["NotReadableError", "NotFoundError"].includes(error.name);
export const passing = (error) => error instanceof NoAnswer || [408, 425, 429].includes(error.status) || error.status >= 500;

/** Why this file is not sent, and what to do: a refusal says it itself. */
export function reason(error) {
  if (unreadable(error)) return "Ce fichier a changé, ou n'est plus lisible ici : choisissez-le de nouveau.";
  if (error.status === 401) return "Votre session est terminée. Reconnectez-vous : le fichier attend ici, puis partira.";
  if (error.code === "form_expired") return "Cette page est ouverte depuis trop longtemps. Rechargez-la : le fichier attend ici.";
  if (error.status === 413 && !error.code) return "Ce fichier est trop volumineux pour ce service : choisissez-en un plus léger.";
  if (error instanceof Refused) return error.message;
  console.warn(error);
  return "Cette page a rencontré une erreur. Rechargez-la : le fichier attend ici. Si cela recommence, prévenez votre établissement.";
}

/** Why this file is not sent yet, where it passes by itself. */
export function whyNotYet(error) {
  if (["deposits_wait", "too_busy"].includes(error.code)) return "Beaucoup de fichiers arrivent en ce moment";
  if (error.status === 429) return error.message.replace(/[.]$/, "");
  return navigator.onLine ? "Le service ne répond pas" : "La connexion manque";
}
