// The row of a message: a filled clone of the server's template. No markup is built here.

import { fillAvatar } from './avatars.js';
import { TEXT_LENGTH, textLength } from './limits.js';
import { clock } from './times.js';
import { tombstoneText } from './texts.js';

const EXCERPT = 500; // characters shown of a message that is too long to be sent

export function fill(row, message, me) {
  const author = message.author;
  row.dataset.seq = message.seq;
  row.dataset.rev = message.rev;
  row.dataset.author = author.id;
  row.id = `message-${message.seq}`;
  row.classList.toggle("own", author.id === me);
  fillAvatar(row.querySelector(".avatar"), author.name);
  row.querySelector(".author").textContent = author.name;
  row.querySelector(".badge").hidden = !author.guest;
  const at = new Date(message.created_at);
  const time = row.querySelector("time");
  time.dateTime = message.created_at;
  time.textContent = clock(at);
  const when = row.querySelector(".when");
  when.href = when.getAttribute("href").replace(/[0-9]+\/$/, `${message.seq}/`);
  row.querySelector(".words").innerHTML = message.html; // the server made it safe (chat/text.py)
  const tombstone = row.querySelector(".tombstone");
  tombstone.hidden = !message.deleted;
  tombstone.firstElementChild.textContent = tombstoneText(message);
  row.querySelector(".edited").hidden = !message.edited_at || message.deleted;
  fillReactions(row.querySelector(".reactions"), message.reactions);
  return row;
}

export function rename(row, name) {
  const author = row.querySelector(".author");
  if (author.textContent === name) return;
  author.textContent = name;
  fillAvatar(row.querySelector(".avatar"), name);
}

export function fillPending(row, id, text, me, now) {
  delete row.dataset.seq;
  row.dataset.client = id;
  row.classList.add("own");
  row.dataset.author = me.id;
  fillAvatar(row.querySelector(".avatar"), me.name);
  row.querySelector(".author").textContent = me.name;
  row.querySelector(".badge").hidden = !me.guest;
  row.querySelector("time").textContent = clock(now);
  row.querySelector("time").dateTime = now.toISOString();
  row.querySelector(".when").removeAttribute("href");
  const words = row.querySelector(".words");
  words.classList.add("raw");
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

function fillReactions(list, reactions) {
  const chips = Object.entries(reactions).map(([emoji, people]) => {
    const chip = document.createElement("li");
    const number = document.createElement("span");
    number.className = "count";
    number.textContent = people.length;
    chip.append(`${emoji} `, number);
    return chip;
  });
  list.replaceChildren(...chips);
  list.hidden = !chips.length;
}
