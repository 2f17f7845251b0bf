// The message form: a text box that keeps its text as a draft and counts characters.
// When the user cannot use the room, a message replaces it.

import { TEXT_LENGTH, textLength } from './limits.js';
import { TextBox } from './text_box.js';

const COUNT_FROM = 3_500; // characters
const TYPING_EVERY = 3_000; // milliseconds
const TOO_LONG = `A message can have ${formatNumber(TEXT_LENGTH)} characters. Shorten it or send it in parts.`;

export class Composer {
  // `draft` stores the text: { get(), set(text) }. `hint` is the line below the form. `mentionable` and
  // `choices`: see text_box.js.
  constructor({ form, closed, hint, draft, mentionable, choices, onSend, onTyping, now = Date.now }) {
    Object.assign(this, { form, closed, draft, onSend, onTyping, now });
    this.area = form.elements.text;
    if (!this.area.value) this.area.value = draft.get();
    this.box = new TextBox(this.area, {
      mentionable,
      choices,
      onSubmit: () => form.requestSubmit(),
      onChange: () => this.#changed(),
    });
    this.keys = hint.querySelector("[data-keys]");
    this.counter = hint.querySelector("[data-counter]");
    this.tooLong = hint.querySelector("[data-too-long]");
    this.typedAt = 0;
    form.noValidate = true;
    form.addEventListener("submit", (event) => this.#submit(event));
    this.#show();
  }

  // Put a refused message back for editing, above the current text.
  restore(text) {
    const shown = this.box.decode(text);
    this.area.value = this.area.value.trim() ? `${shown}\n${this.area.value}` : shown;
    this.box.changed();
    this.focus();
  }

  focus() {
    this.box.focus();
  }

  // Focus the form, but not on touch screens, where an on-screen keyboard would open.
  focusUnlessTouch() {
    if (this.box.enterSends) this.focus();
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
    this.area.placeholder = text;
    this.area.labels[0].textContent = text;
  }

  #submit(event) {
    event.preventDefault();
    const { text } = this.box;
    if (!text.trim() || textLength(text) > TEXT_LENGTH) return;
    this.area.value = "";
    this.box.changed();
    this.typedAt = 0;
    this.onSend(text);
    this.focus();
  }

  #changed() {
    this.draft.set(this.area.value);
    this.#show();
    if (!this.area.value.trim() || this.now() - this.typedAt < TYPING_EVERY) return;
    this.typedAt = this.now();
    this.onTyping();
  }

  #show() {
    const { text } = this.box;
    const length = text.length < COUNT_FROM ? 0 : textLength(text); // the length in UTF-16 units is never smaller
    const over = length > TEXT_LENGTH;
    this.counter.hidden = length < COUNT_FROM;
    this.counter.textContent = `${formatNumber(length)} / ${formatNumber(TEXT_LENGTH)}`;
    this.keys.hidden = over || !this.box.enterSends;
    if (Boolean(this.tooLong.textContent) === over) return;
    this.tooLong.textContent = over ? TOO_LONG : "";
    this.form.classList.toggle("too-long", over);
    this.area.setAttribute("aria-invalid", over);
  }
}

function formatNumber(number) {
  return number.toLocaleString("en");
}
