// Announces new messages to screen readers: each once, and those of one second together. Loaded with the first one.

import { names } from './notices.js';

const TOGETHER = 1_000; // milliseconds
const SHOWN_FOR = 2_000; // then the text is removed: the message may be hidden or deleted soon
const MAX_LENGTH = 300; // characters read of one message

// `messages`: { author, text } in order.
export function announcementText(messages) {
  if (messages.length === 1) {
    const [{ author, text }] = messages;
    return `${author}: ${text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text}`;
  }
  const authors = [...new Set(messages.map((message) => message.author))];
  return `${messages.length} new messages from ${names(authors)}`;
}

export class Announcer {
  constructor(region, clock = globalThis) {
    Object.assign(this, { region, clock });
    this.waiting = [];
  }

  add(author, text) {
    this.waiting.push({ author, text: text.replace(/\s+/g, " ").trim() });
    if (this.waiting.length === 1) this.clock.setTimeout(() => this.#announce(), TOGETHER);
  }

  #announce() {
    this.region.textContent = announcementText(this.waiting);
    this.waiting = [];
    this.clock.clearTimeout(this.removal);
    this.removal = this.clock.setTimeout(() => this.region.replaceChildren(), SHOWN_FOR);
  }
}

let announcer = null;

export function announce(author, text) {
  announcer ??= new Announcer(document.querySelector("[data-announcer]"));
  announcer.add(author, text);
}
