// The row of a message: a filled clone of the server's template. No markup is built here.

import { fillAvatar } from './avatars.js';
import { TEXT_LENGTH, textLength } from './limits.js';
import { fillChips, shownReactions } from './reaction_chips.js';
import { clock } from './times.js';
import { isLargeEmoji, tombstoneText } from './texts.js';

const EXCERPT = 500; // characters shown of a message that is too long to be sent

// `waiting`: reactions of this person that the message does not have yet.
export function fill(row, message, me, waiting = []) {
  const author = message.author;
  row.dataset.seq = message.seq;
  row.dataset.rev = message.rev;
  row.dataset.author = author.id;
  row.id = `message-${message.seq}`;
  row.classList.toggle("own", author.id === me);
  fillAuthor(row, author);
  const at = new Date(message.created_at);
  const time = row.querySelector("time");
  time.dateTime = message.created_at;
  time.textContent = clock(at);
  const when = row.querySelector(".when");
  when.href = when.getAttribute("href").replace(/[0-9]+\/$/, `${message.seq}/`);
  fillQuote(row.querySelector(".quote"), message.quote, when.getAttribute("href"));
  row.querySelector(".words").innerHTML = message.html; // the server made it safe (chat/text.py)
  const mine = mentions(message, me);
  row.classList.toggle("mentions-me", mine);
  row.querySelector(".mentions-you").hidden = !mine;
  if (mine) markOwn(row, me);
  const tombstone = row.querySelector(".tombstone");
  tombstone.hidden = !message.deleted;
  tombstone.firstElementChild.textContent = tombstoneText(message);
  row.querySelector(".pin").hidden = !message.pinned;
  row.querySelector(".edited").hidden = !message.edited_at || message.deleted;
  fillChips(row.querySelector(".reactions"), shownReactions(message.reactions, waiting, me));
  return row;
}

export function rename(row, user) {
  row.querySelector(".author").textContent = user.name;
  row.querySelector(".badge").hidden = !user.guest;
  fillAvatar(row.querySelector(".avatar"), user);
}

function fillAuthor(row, user) {
  rename(row, user);
  leadTo(row.querySelector(".author"), user.id);
}

// Let the link lead to a page about this person.
export function leadTo(link, id) {
  link.href = link.href.replace(/(?<=\/people\/)\d+/, id);
}

// Fill the line above a reply. `near` is the URL of a message in the same room.
export function fillQuote(link, quote, near = link.getAttribute("href")) {
  const author = link.querySelector(".quote-author");
  link.hidden = !quote;
  setOrRemove(link, "href", quote && near.replace(/[0-9]+\/$/, `${quote.seq}/`));
  setOrRemove(link, "data-quotes", quote?.seq);
  setOrRemove(author, "data-person", quote?.author.id);
  author.textContent = quote?.author.name ?? "";
  fillQuoteText(link.querySelector(".quote-text"), quote);
}

export function fillQuoteText(element, quote) {
  element.classList.toggle("gone", Boolean(quote?.deleted));
  element.textContent = quote?.deleted ? tombstoneText(quote) : (quote?.text ?? "");
}

// Whether a message of somebody else addresses this person.
export function mentions(message, me) {
  return message.author.id !== me && Boolean(message.mentions_all || message.mentions?.[me]);
}

// Show new display names in the mentions of a list. `users` has the people by id.
export function renameMentions(list, users) {
  for (const mention of list.querySelectorAll(".mention[data-user]")) {
    const name = users.get(mention.dataset.user)?.name;
    if (name && mention.textContent !== `@${name}`) mention.textContent = `@${name}`;
  }
}

function markOwn(row, me) {
  const selector = `.mention[data-user="${me}"], .mention[data-user="all"]`;
  for (const mention of row.querySelectorAll(selector)) mention.classList.add("me");
}

export function fillPending(row, id, { text, quote }, me, now) {
  delete row.dataset.seq;
  row.dataset.client = id;
  row.classList.add("own");
  row.dataset.author = me.id;
  fillAuthor(row, me);
  row.querySelector("time").textContent = clock(now);
  row.querySelector("time").dateTime = now.toISOString();
  const when = row.querySelector(".when");
  fillQuote(row.querySelector(".quote"), quote, when.getAttribute("href"));
  when.removeAttribute("href");
  const words = row.querySelector(".words");
  words.classList.add("raw");
  words.classList.toggle("large-emoji", isLargeEmoji(text));
  words.textContent = textLength(text) > TEXT_LENGTH ? `${text.slice(0, EXCERPT)}…` : text;
  return row;
}

// The numbers, author and time of a message, from its row.
export function read(row) {
  return {
    seq: Number(row.dataset.seq),
    rev: Number(row.dataset.rev),
    author: Number(row.dataset.author),
    at: new Date(row.querySelector("time").dateTime),
  };
}

function setOrRemove(element, name, value) {
  if (value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, value);
}
