// The picture of a page that came too late for its turn is asked for again, the nearest first and one after the other:
// whoever scrolls fast through a long document reloads nothing.

const USUAL_WAIT_S = 5;
const ROUNDING = 2; // pixels

const late = new Set(), settled = new WeakSet();
let asking = false;

const pause = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));

/** Tells whether what was drawn stands in for the page: it is not as wide as the page was said to be. */
function standsIn(picture) {
  return picture.naturalWidth > 0 && Math.abs(picture.naturalWidth - Number(picture.getAttribute("width"))) > ROUNDING;
}

function note(picture) {
  if (!standsIn(picture) || settled.has(picture)) return;
  late.add(picture);
  if (!asking) askAgain();
}

function nearest() {
  const away = (picture) => Math.abs(picture.getBoundingClientRect().top);
  return [...late].reduce((near, other) => (away(other) < away(near) ? other : near));
}

/** Asks for each late picture until it is answered with something else than « not yet »; what that is, is shown. */
async function askAgain() {
  asking = true;
  while (late.size) {
    const picture = nearest();
    const address = new URL(picture.src);
    address.search = "?encore"; // the browser remembers what it drew under the first address
    const answer = await fetch(address).catch(() => null);
    if (answer === null || answer.status === 503) {
      await pause(Number(answer?.headers.get("Retry-After")) || USUAL_WAIT_S);
      continue;
    }
    late.delete(picture);
    settled.add(picture);
    await answer.blob(); // kept by the browser: the picture is then drawn from there
    if (answer.ok) picture.src = address;
  }
  asking = false;
}

for (const picture of document.querySelectorAll("img[loading]")) {
  picture.addEventListener("load", () => note(picture));
  if (picture.complete) note(picture);
}
