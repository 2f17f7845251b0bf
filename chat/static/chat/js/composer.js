// The message form: a text box that counts characters, and the message that it answers. Both are a draft (drafts.js).
// When the user cannot use the room, a message replaces it.

import { LengthHint } from './length_hint.js';
import { TEXT_LENGTH, textLength } from './limits.js';
import { answerFiles } from './paste.js';
import { TextBox } from './text_box.js';

const TYPING_EVERY = 3_000; // milliseconds

export class Composer {
  // `hint` is the line below the form. `mentionable` and `choices`: see text_box.js. `onReply(quote)` shows the
  // answered message.
  constructor({ form, closed, hint, draft, mentionable, choices, onSend, onReply, onTyping, now = Date.now }) {
    Object.assign(this, { form, closed, draft, onSend, onReply, onTyping, now });
    this.area = form.elements.text;
    this.quote = null; // of the message that this one will answer
    this.box = new TextBox(this.area, {
      mentionable,
      choices,
      onSubmit: () => form.requestSubmit(),
      onChange: () => this.#changed(),
      onLabels: () => this.#show(),
    });
    this.answer = hint.querySelector("[data-answer]");
    this.length = new LengthHint({ form, area: this.area, hint });
    this.typedAt = 0;
    form.noValidate = true;
    form.addEventListener("submit", (event) => this.#submit(event));
    answerFiles(this.area, (text) => this.say(text), { drops: true });
    if (this.area.defaultValue) this.#show(); // refused by a form without scripts
    else this.showDraft(draft.load());
    draft.open({ read: () => this.#read(), show: (stored) => this.showDraft(stored) });
  }

  // Put a refused message back for editing, above the current text.
  restore(text, quote = null) {
    const [current, shown] = [this.area.value, this.box.decode(text)];
    this.#setQuote((current.trim() && this.quote) || quote);
    this.area.value = current.trim() ? `${shown}\n${current}` : shown;
    this.box.changed();
    this.focus();
  }

  showDraft({ text, names, quote }) {
    this.box.learn(names);
    if (this.area.value !== text) this.area.value = text;
    this.box.grow();
    this.#setQuote(quote);
    this.#show();
  }

  // The next message answers this one, or none.
  reply(quote) {
    this.#setQuote(quote);
    this.draft.changed();
    this.focus();
  }

  // The answered message has changed. The draft is not stored for it: the other tabs have their own event, and one of
  // them may have a newer text.
  requote(quote) {
    if (this.quote?.seq === quote.seq) this.#setQuote(quote);
  }

  // Say something below the form, until the text changes.
  say(text) {
    this.answer.textContent = text;
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
    const { quote } = this;
    this.area.value = "";
    this.#setQuote(null);
    this.box.changed();
    this.draft.clear();
    this.typedAt = 0;
    this.onSend(text, quote);
    this.focus();
  }

  #setQuote(quote) {
    if (!quote && !this.quote) return;
    this.quote = quote;
    this.onReply(quote);
  }

  #read() {
    return { text: this.box.shown, names: this.box.names, quote: this.quote };
  }

  #changed() {
    this.draft.changed();
    this.say("");
    this.#show();
    if (!this.area.value.trim() || this.now() - this.typedAt < TYPING_EVERY) return;
    this.typedAt = this.now();
    this.onTyping();
  }

  #show() {
    this.length.show(this.box);
  }
}
