// The message form: it grows with its text, keeps the text as a draft, sends on Enter and counts characters.
// When the user cannot use the room, a message replaces it.

import { TEXT_LENGTH, textLength } from './limits.js';

const COUNT_FROM = 3_500; // characters
const TYPING_EVERY = 3_000; // milliseconds
const TOUCH = "(pointer: coarse)";
const TOO_LONG = `A message can have ${formatNumber(TEXT_LENGTH)} characters. Shorten it or send it in parts.`;

export class Composer {
  // `draft` stores the text: { get(), set(text) }. `hint` is the line below the form.
  constructor({ form, closed, hint, draft, onSend, onTyping, now = Date.now }) {
    Object.assign(this, { form, closed, draft, onSend, onTyping, now });
    this.box = form.elements.text;
    this.keys = hint.querySelector("[data-keys]");
    this.counter = hint.querySelector("[data-counter]");
    this.tooLong = hint.querySelector("[data-too-long]");
    this.typedAt = 0;
    this.enterSends = !matchMedia(TOUCH).matches;
    form.noValidate = true;
    if (!this.box.value) this.box.value = draft.get();
    form.addEventListener("submit", (event) => this.#submit(event));
    this.box.addEventListener("input", () => this.#changed());
    this.box.addEventListener("keydown", (event) => this.#key(event));
    this.#show();
  }

  // Put a refused message back for editing, above the current text.
  restore(text) {
    this.box.value = this.box.value.trim() ? `${text}\n${this.box.value}` : text;
    this.#changed();
    this.focus();
  }

  focus() {
    this.box.focus();
  }

  // Focus the form, but not on touch screens, where an on-screen keyboard would open.
  focusUnlessTouch() {
    if (this.enterSends) this.focus();
  }

  // Replace the form with a message and, if given, a link or button.
  close(text, action) {
    this.form.hidden = true;
    this.closed.replaceChildren(text, ...(action ? [" ", action] : []));
    this.closed.hidden = false;
  }

  open() {
    this.form.hidden = false;
    this.closed.hidden = true;
  }

  setLabel(text) {
    this.box.placeholder = text;
    this.box.labels[0].textContent = text;
  }

  #submit(event) {
    event.preventDefault();
    const text = this.box.value;
    if (!text.trim() || textLength(text) > TEXT_LENGTH) return;
    this.box.value = "";
    this.draft.set("");
    this.#show();
    this.typedAt = 0;
    this.onSend(text);
    this.focus();
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !this.enterSends) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  #changed() {
    this.draft.set(this.box.value);
    this.#show();
    if (!this.box.value.trim() || this.now() - this.typedAt < TYPING_EVERY) return;
    this.typedAt = this.now();
    this.onTyping();
  }

  #show() {
    this.#grow();
    const text = this.box.value;
    const length = text.length < COUNT_FROM ? 0 : textLength(text); // the length in UTF-16 units is never smaller
    const over = length > TEXT_LENGTH;
    this.counter.hidden = length < COUNT_FROM;
    this.counter.textContent = `${formatNumber(length)} / ${formatNumber(TEXT_LENGTH)}`;
    this.keys.hidden = over || !this.enterSends;
    if (Boolean(this.tooLong.textContent) === over) return;
    this.tooLong.textContent = over ? TOO_LONG : "";
    this.form.classList.toggle("too-long", over);
    this.box.setAttribute("aria-invalid", over);
  }

  // For browsers without `field-sizing: content`.
  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight}px`;
  }
}

function formatNumber(number) {
  return number.toLocaleString("en");
}
