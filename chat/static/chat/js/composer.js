// Where one writes: grows, keeps its text, sends on Enter; and says why when it is closed.

const TYPING_EVERY = 3_000; // milliseconds
const COARSE = "(pointer: coarse)";

export class Composer {
  // `onSend(text)`; `onTyping()`. `draft` is where the text is kept: { get, set }.
  constructor({ form, closed, keys, draft, onSend, onTyping, now = Date.now }) {
    Object.assign(this, { form, closed, draft, onSend, onTyping, now });
    this.box = form.elements.text;
    this.typedAt = 0;
    this.enterSends = !matchMedia(COARSE).matches;
    keys.hidden = !this.enterSends;
    form.noValidate = true;
    if (!this.box.value) this.box.value = draft.get();
    form.addEventListener("submit", (event) => this.#submit(event));
    this.box.addEventListener("input", () => this.#changed());
    this.box.addEventListener("keydown", (event) => this.#key(event));
    this.#grow();
  }

  // Put words back to be changed; what is being written stays, below them.
  give(text) {
    this.box.value = this.box.value.trim() ? `${text}\n${this.box.value}` : text;
    this.#changed();
    this.focus();
  }

  focus() {
    this.box.focus();
  }

  // Ready to write, but without a keyboard that would cover half of a phone.
  attend() {
    if (this.enterSends) this.focus();
  }

  close(words, way) {
    this.form.hidden = true;
    this.closed.replaceChildren(words, ...(way ? [" ", way] : []));
    this.closed.hidden = false;
  }

  open() {
    this.form.hidden = false;
    this.closed.hidden = true;
  }

  #submit(event) {
    event.preventDefault();
    const text = this.box.value;
    if (!text.trim()) return;
    this.box.value = "";
    this.#keep();
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
    this.#keep();
    if (!this.box.value.trim() || this.now() - this.typedAt < TYPING_EVERY) return;
    this.typedAt = this.now();
    this.onTyping();
  }

  #keep() {
    this.draft.set(this.box.value);
    this.#grow();
  }

  // For browsers without `field-sizing: content`.
  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight}px`;
  }
}
