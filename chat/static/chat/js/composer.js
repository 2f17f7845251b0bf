// The message form: a text box that keeps its text as a draft and counts characters.
// When the user cannot use the room, a message replaces it.

import { LengthHint } from './length_hint.js';
import { TEXT_LENGTH, textLength } from './limits.js';
import { TextBox } from './text_box.js';

const TYPING_EVERY = 3_000; // milliseconds

export class Composer {
  // `draft` stores the text: { get(), set(text) }. `hint` is the line below the form. `mentionable`: see text_box.js.
  constructor({ form, closed, hint, draft, mentionable, onSend, onTyping, now = Date.now }) {
    Object.assign(this, { form, closed, draft, onSend, onTyping, now });
    this.area = form.elements.text;
    if (!this.area.value) this.area.value = draft.get();
    this.box = new TextBox(this.area, {
      mentionable,
      onSubmit: () => form.requestSubmit(),
      onChange: () => this.#changed(),
    });
    this.length = new LengthHint({ form, area: this.area, hint });
    this.typedAt = 0;
    form.noValidate = true;
    form.addEventListener("submit", (event) => this.#submit(event));
    this.#show();
  }

  // Put a refused message back for editing, above the current text.
  restore(text) {
    this.area.value = this.area.value.trim() ? `${text}\n${this.area.value}` : text;
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
    this.draft.set("");
    this.#show();
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
    this.length.show(this.box);
  }
}
