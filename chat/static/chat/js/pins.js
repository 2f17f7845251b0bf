// The number of pinned messages in the header of a room. Loaded with the first change.

import { part, place } from './room_details.js';

const TIMEOUT = 10_000; // milliseconds
const link = part("pins");
const seqs = new Set(link.dataset.pins.split(" ").filter(Boolean).map(Number));
const revs = new Map(); // seq → rev of its latest change, for changes that arrive during a request

// Apply the event of a message. Without one, load the numbers again: the page may have missed changes.
export function follow(event) {
  if (event) apply(event);
  else reload(place.address).catch(() => {}); // offline: the connection is restored, and then it is loaded again
}

function apply({ seq, rev, pinned }) {
  if (rev < revs.get(seq)) return;
  revs.set(seq, rev);
  if (pinned) seqs.add(seq);
  else seqs.delete(seq);
  show();
}

async function reload(address) {
  const response = await fetch(`${address}pinned/`, {
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(TIMEOUT),
  });
  if (!response.ok) return;
  const { head, pinned } = await response.json();
  const isNewer = (seq) => revs.get(seq) > head;
  const kept = [...seqs].filter(isNewer);
  seqs.clear();
  for (const seq of [...kept, ...pinned.filter((seq) => !isNewer(seq))]) seqs.add(seq);
  show();
}

function show() {
  link.dataset.pins = [...seqs].join(" ");
  link.hidden = !seqs.size;
  link.querySelector("[data-pin-count]").textContent = seqs.size;
}
