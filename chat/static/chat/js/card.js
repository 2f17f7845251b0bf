// Shows the card of a person beside their name, and the forms of other pages. Loaded when one is opened first.

import { addStyle, openForm } from './form_dialog.js';
import { follow } from './ignore.js';
import { ignoring } from './ignoring.js';
import { place as room, template } from './room_details.js';
import { toast } from './toast.js';

const SHEET = "(pointer: coarse), (width < 480px)";
const MARGIN = 8; // pixels to the edges of the window
const TIMEOUT = 15_000; // milliseconds
const NOT_LOADED = "This could not be loaded. You may be offline, or the server is busy. Try again in a moment.";
const NOT_SENT = "This was not sent, because you are offline or the server is busy. Try again in a moment.";

// `link`: one with [data-dialog], or what stands for a person: a name, an avatar or a mention.
export function open(link, composer) {
  if (link.matches("[data-dialog]")) openForm(link.href, { template });
  else if (personOf(link)) show(link, composer);
}

// The id of the person; undefined for a mention of all.
function personOf(link) {
  const { user } = link.dataset;
  return Number(user ?? link.closest("[data-author]")?.dataset.author ?? link.closest("[data-id]")?.dataset.id);
}

async function show(link, composer) {
  const dialog = template("card").content.firstElementChild.cloneNode(true);
  const anchor = link.getBoundingClientRect();
  dialog.opener = document.activeElement;
  document.querySelector("main").append(dialog);
  dialog.addEventListener("click", (event) => clicked(event, dialog, composer));
  dialog.addEventListener("submit", (event) => submitted(event, dialog));
  dialog.addEventListener("close", () => close(dialog));
  dialog.classList.toggle("sheet", matchMedia(SHEET).matches);
  dialog.showModal();
  place(dialog, anchor);
  const card = await load(`/people/${personOf(link)}/?room=${encodeURIComponent(room.slug)}`);
  if (!dialog.open) return;
  dialog.querySelector("[data-problem]").textContent = card ? "" : NOT_LOADED;
  if (card) fill(dialog, card, composer);
  place(dialog, anchor);
}

async function load(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const card = page.querySelector("[data-card]");
    if (card) await Promise.all([...page.querySelectorAll('link[rel="stylesheet"]')].map(addStyle));
    return card;
  } catch {
    return null;
  }
}

function fill(dialog, card, composer) {
  const mention = card.querySelector("[data-card-mention]");
  if (mention) mention.hidden = !composer.form.checkVisibility();
  dialog.querySelector("[data-content]").replaceChildren(card);
  dialog.querySelector(".card-main :is(a, button):not([hidden])")?.focus();
}

function place(dialog, anchor) {
  if (dialog.matches(".sheet")) return;
  const { style, offsetWidth: width, offsetHeight: height } = dialog;
  const below = anchor.bottom + 4;
  const top = below + height > innerHeight - MARGIN ? anchor.top - height - 4 : below;
  const within = (value, size, space) => Math.max(MARGIN, Math.min(value, space - size - MARGIN));
  style.left = `${within(anchor.left, width, innerWidth)}px`;
  style.top = `${within(top, height, innerHeight)}px`;
}

function clicked({ target }, dialog, composer) {
  if (target.closest("[data-card-mention]")) mention(dialog, composer);
  else if (target === dialog || target.closest("[data-close], [data-dialog]")) close(dialog); // room.js opens the form
}

// Put the name of the person into the composer.
async function mention(dialog, composer) {
  const { box } = composer;
  const id = Number(dialog.querySelector("[data-card]").dataset.person);
  const name = dialog.querySelector("#card-name").textContent.trim();
  close(dialog);
  await box.mentionable.load();
  const { value, selectionStart } = box.area;
  const gap = /\S$/.test(value.slice(0, selectionStart)) ? " " : "";
  box.insert(`${gap}@${box.label({ id, name })} `);
  composer.focus();
}

// Ignore or block the person, or stop.
async function submitted(event, dialog) {
  const form = event.target;
  if (!form.matches("[data-card-form]")) return;
  event.preventDefault();
  const id = Number(dialog.querySelector("[data-card]").dataset.person);
  const body = new FormData(form, event.submitter);
  const headers = { Accept: "application/json" };
  try {
    const response = await fetch(form.action, { method: "POST", body, headers, signal: AbortSignal.timeout(TIMEOUT) });
    const answer = await response.json();
    if (!response.ok) throw answer;
    close(dialog);
    follow(ignoring, id, answer.ignored);
    toast(answer.message, template);
  } catch ({ code, message }) {
    dialog.querySelector("[data-problem]").textContent = typeof code === "string" ? message : NOT_SENT;
  }
}

// Close the card, and give the focus back. An opener in a popover, which closed, is hidden: then to its button.
function close(dialog) {
  if (!dialog.isConnected) return;
  dialog.close();
  dialog.remove();
  const { opener } = dialog;
  const shown = opener.checkVisibility() ? opener : null;
  (shown ?? document.querySelector(`[popovertarget="${opener.closest("[popover]")?.id}"]`))?.focus();
}
