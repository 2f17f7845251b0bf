// Goes to the original of a quote, and back. Loaded with the first click on a quote.

const HIGHLIGHT = 2_000; // milliseconds
const MAX_BACK = 20; // places remembered
const FAILED = "That message could not be loaded. Check your connection and try again.";

const places = []; // seqs of the replies whose quote was followed
let back = null; // the button

export async function jump(link, page) {
  const from = link.closest("[data-seq]")?.dataset.seq;
  const seq = Number(link.dataset.quotes);
  if (!(await show(seq, page))) return;
  if (from) places.push(Number(from));
  places.splice(0, places.length - MAX_BACK);
  showBack(page);
}

async function show(seq, { messageList, pager, composer }) {
  if (!messageList.rows.has(seq)) await pager.around(seq);
  const row = messageList.rows.get(seq);
  if (!row) {
    composer.say(FAILED);
    return false;
  }
  row.scrollIntoView({ block: "center" });
  if (!row.hasAttribute("tabindex")) row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.classList.add("found");
  setTimeout(() => row.classList.remove("found"), HIGHLIGHT);
  return true;
}

function showBack(page) {
  if (!back) back = button(page);
  const atLatest = page.scroller.atEnd && !page.timeline.later; // nothing to go back to
  if (atLatest) places.length = 0;
  back.hidden = !places.length;
}

function button(page) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "newer go-back";
  made.textContent = "Back";
  made.ariaLabel = "Back to where you were";
  page.newer.before(made);
  made.addEventListener("click", async () => {
    const seq = places.pop();
    if (!(await show(seq, page))) places.push(seq);
    showBack(page);
  });
  page.scroller.element.addEventListener("scroll", () => showBack(page), { passive: true });
  return made;
}
