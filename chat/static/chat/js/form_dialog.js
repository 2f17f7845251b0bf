// Opens the form of a page in a dialog: report, moderate. Loaded when one is opened first.

import { toast } from './toast.js';

const TIMEOUT = 15_000; // milliseconds
const NOT_LOADED = "This could not be loaded. You may be offline, or the server is busy. Try again in a moment.";
const NOT_SENT = "This was not sent, because you are offline or the server is busy. Try again in a moment.";
const LOGGED_OUT = "You are logged out. Log in again to continue.";
const dialogs = new Map(); // URL → dialog that was closed with words in it

// `onDone(answer)` is called with the server's answer. It returns an action { label, act } for the toast, if any.
export async function openForm(url, { template, onDone = () => null }) {
  const kept = dialogs.get(url);
  if (kept) {
    open(kept);
    focusFirst(kept);
    return;
  }
  const dialog = create(template);
  dialog.addEventListener("submit", (event) => submit(event, dialog, { template, onDone }));
  dialog.addEventListener("click", (event) => {
    if (event.target !== dialog && !event.target.closest("[data-close], [data-cancel]")) return;
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener("close", () => closed(dialog, url));
  open(dialog);
  say(dialog, "Loading");
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) });
    if (response.redirected) say(dialog, LOGGED_OUT);
    else if (await show(dialog, await response.text())) {
      say(dialog, "");
      focusFirst(dialog);
    }
  } catch {
    say(dialog, NOT_LOADED);
  }
}

function open(dialog) {
  dialog.opener = document.activeElement;
  dialog.showModal();
}

// The browser gives the focus back to the opener. One in a popover, which closed, is hidden: then to the popover's button.
function returnFocus({ opener }) {
  if (opener.checkVisibility()) return;
  document.querySelector(`[popovertarget="${opener.closest("[popover]")?.id}"]`)?.focus();
}

function focusFirst(dialog) {
  dialog.querySelector(".fields :is(input:not([type=hidden]), select, textarea), .buttons a")?.focus();
}

function create(template) {
  const dialog = template("form-dialog").content.firstElementChild.cloneNode(true);
  document.querySelector("main").append(dialog);
  return dialog;
}

// A dialog with words in it is kept, so that Escape loses nothing.
function closed(dialog, url) {
  returnFocus(dialog);
  const hasWords = [...dialog.querySelectorAll("textarea")].some(({ value }) => value.trim());
  if (hasWords && !dialog.sent) dialogs.set(url, dialog);
  else {
    dialogs.delete(url);
    dialog.remove();
  }
}

// Show the content of a page, with its style sheets. Returns false if the page is one of errors, and says its words.
async function show(dialog, html) {
  const found = new DOMParser().parseFromString(html, "text/html");
  const content = found.querySelector("[data-dialog-content]");
  if (!content) {
    say(dialog, found.querySelector("main .lead")?.textContent.trim() ?? NOT_LOADED);
    return false;
  }
  await Promise.all([...found.querySelectorAll('link[rel="stylesheet"]')].map(addStyle));
  content.querySelector("h1").id = "form-dialog-title";
  dialog.querySelector("[data-content]").replaceChildren(content);
  return true;
}

export function addStyle(link) {
  const href = link.getAttribute("href");
  if (document.querySelector(`link[href="${CSS.escape(href)}"]`)) return null;
  const own = document.createElement("link");
  own.rel = "stylesheet";
  own.href = href;
  return new Promise((done) => {
    own.onload = own.onerror = done;
    document.head.append(own);
  });
}

async function submit(event, dialog, { template, onDone }) {
  const form = event.target;
  event.preventDefault();
  if (dialog.busy) return;
  dialog.busy = true;
  say(dialog, "");
  try {
    const body = new FormData(form, event.submitter);
    const headers = { Accept: "application/json, text/html" };
    const response = await fetch(form.action, { method: "POST", body, headers, signal: AbortSignal.timeout(TIMEOUT) });
    if (!response.headers.get("Content-Type").startsWith("application/json")) {
      if (response.redirected) say(dialog, LOGGED_OUT);
      else await showErrors(dialog, await response.text());
      return;
    }
    const answer = await response.json();
    if (!response.ok) {
      say(dialog, answer.message);
      return;
    }
    dialog.sent = true;
    dialog.close();
    toast(answer.message, template, onDone(answer));
  } catch {
    say(dialog, NOT_SENT);
  } finally {
    dialog.busy = false;
  }
}

// The server's page with the form has the errors and everything that was entered.
async function showErrors(dialog, html) {
  if (!(await show(dialog, html))) return;
  const invalid = dialog.querySelector(".invalid :is(input, select, textarea)");
  if (invalid) invalid.focus();
  else focusFirst(dialog);
}

function say(dialog, text) {
  dialog.querySelector("[data-problem]").textContent = text;
}
