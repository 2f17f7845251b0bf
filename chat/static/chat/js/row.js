// One message's row: a clone of the server's own partial, filled. Markup from the server only, never built here.

import { dressFace } from './faces.js';
import { clock } from './times.js';

export function fill(row, message, me) {
  const author = message.author;
  row.dataset.seq = message.seq;
  row.dataset.rev = message.rev;
  row.dataset.author = author.id;
  row.id = `message-${message.seq}`;
  row.classList.toggle("own", author.id === me);
  dressFace(row.querySelector(".avatar"), author.name);
  row.querySelector(".author").textContent = author.name;
  row.querySelector(".badge").hidden = !author.guest;
  const at = new Date(message.created_at);
  const time = row.querySelector("time");
  time.dateTime = message.created_at;
  time.textContent = clock(at);
  const when = row.querySelector(".when");
  when.href = when.getAttribute("href").replace(/[0-9]+\/$/, `${message.seq}/`);
  row.querySelector(".words").innerHTML = message.html; // cleaned by the server (chat/text.py)
  row.querySelector(".tombstone").hidden = !message.deleted;
  row.querySelector(".edited").hidden = !message.edited_at || message.deleted;
  fillReactions(row.querySelector(".reactions"), message.reactions);
  return row;
}

export function fillPending(row, entry, me, now) {
  delete row.dataset.seq;
  row.dataset.client = entry.id;
  row.classList.add("own", "pending");
  row.dataset.author = me.id;
  dressFace(row.querySelector(".avatar"), me.name);
  row.querySelector(".author").textContent = me.name;
  row.querySelector(".badge").hidden = !me.guest;
  row.querySelector("time").textContent = clock(now);
  row.querySelector("time").dateTime = now.toISOString();
  row.querySelector(".when").removeAttribute("href");
  const words = row.querySelector(".words");
  words.classList.add("raw");
  words.textContent = entry.text;
  return row;
}

// What a row that the server rendered says about its message.
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
