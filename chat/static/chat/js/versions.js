// The earlier versions of an edited message, in a dialog.

import { clock, dayLabel } from './times.js';

const TIMEOUT = 10_000; // milliseconds
const FAILED = "The earlier versions could not be loaded. Try again later.";
const NONE = "There are no earlier versions.";

export async function showVersions(url, template) {
  const dialog = template("versions").content.firstElementChild.cloneNode(true);
  const state = dialog.querySelector(".versions-state");
  document.querySelector("main").append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog || target.closest("[data-close]")) dialog.close();
  });
  dialog.showModal();
  state.textContent = "Loading";
  try {
    const versions = await load(url);
    dialog.querySelector("ol").replaceChildren(...versions.map((version) => item(version, template)));
    state.textContent = versions.length ? "" : NONE;
  } catch {
    state.textContent = FAILED;
  }
}

async function load(url) {
  const response = await fetch(url, {
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(TIMEOUT),
  });
  if (!response.ok) throw new Error(`${response.status}`);
  return (await response.json()).versions;
}

function item({ html, at }, template) {
  const row = template("version").content.firstElementChild.cloneNode(true);
  const until = new Date(at);
  const time = row.querySelector("time");
  time.dateTime = at;
  const day = dayLabel(until, new Date()).replace(/^(Today|Yesterday)$/, (word) => word.toLowerCase());
  time.textContent = `Until ${day}, ${clock(until)}`;
  row.querySelector(".words").innerHTML = html; // the server made it safe (chat/text.py)
  return row;
}
