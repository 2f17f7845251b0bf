// A textarea for a message, in the composer and when a message is edited. It grows with its text and calls `onSubmit`
// on Enter. Mentions are shown by name; `text` has them as the server stores them.

import { pairs } from './storage.js';

const TOUCH = "(pointer: coarse)";
const NOT_STORED = { get: () => "", set() {} };

// `load()` returns the sources of completion.js, when the first trigger is typed.
export const completions = { triggers: ":@", load: async () => [] };

export class TextBox {
  #completion = null;

  // `mentionable` has the people whom the page knows; all boxes share it. `choices` stores who was chosen of several
  // people with the same name: { get(), set(text) }.
  // Mentions make `text` longer once they can be encoded: then `onLabels` is called.
  constructor(area, { mentionable, onSubmit, onChange, onLabels, choices = NOT_STORED }) {
    Object.assign(this, { area, mentionable, onSubmit, onChange, onLabels, choices });
    this.chosen = new Map(pairs(choices.get())); // label → id
    this.enterSends = !matchMedia(TOUCH).matches;
    area.addEventListener("input", () => this.changed());
    area.addEventListener("input", () => this.#complete());
    area.addEventListener("keydown", (event) => this.#key(event));
    area.form?.addEventListener("submit", (event) => this.#waitForLabels(event));
    this.#loadLabels();
    this.grow();
  }

  get shown() {
    return this.area.value;
  }

  get text() {
    const { value } = this.area;
    return value.includes("@") && this.#labels ? this.#labels.stored(value, this.mentionable, this.chosen) : value;
  }

  // The people whom the text may mention: display names by id, for a draft.
  get names() {
    const people = this.area.value.includes("@") ? [...this.mentionable] : [];
    const used = people.filter(([name]) => this.area.value.includes(`@${name}`));
    return Object.fromEntries(used.map(([name, id]) => [id, name]));
  }

  // These people can be mentioned.
  learn(names) {
    this.mentionable.learn({ mentions: names });
  }

  // Show a text that has mentions as the server stores them. `names` has display names by id.
  show(text, names = {}) {
    this.area.value = this.decode(text, names);
    this.changed();
  }

  // The same as it would be shown, to be added to this text.
  decode(text, names) {
    this.mentionable.learn({ mentions: names });
    return this.#labels ? this.#labels.shown(text, this.mentionable, this.chosen) : this.mentionable.decode(text);
  }

  // The label of a person who was chosen to be mentioned.
  label(user) {
    if (user.id !== "all") this.mentionable.know(user);
    return this.#labels ? this.#labels.label(user.id, this.mentionable, this.chosen) : user.name;
  }

  // Replace the selected text, or the characters from `start` to the caret.
  insert(text, start = this.area.selectionStart) {
    this.area.setRangeText(text, start, this.area.selectionEnd, "end");
    this.changed();
  }

  focus() {
    this.area.focus();
  }

  // Call after each change of the text.
  changed() {
    this.#loadLabels();
    if (!this.chosen.size) this.chosen = new Map(pairs(this.choices.get())); // another tab wrote this draft
    for (const label of this.chosen.keys()) if (!this.area.value.includes(`@${label}`)) this.chosen.delete(label);
    const choices = this.chosen.size ? JSON.stringify([...this.chosen]) : "";
    if (choices !== this.choices.get()) this.choices.set(choices);
    this.grow();
    this.onChange();
  }

  get #labels() {
    return this.mentionable.labels;
  }

  async #loadLabels() {
    if (this.#labels || !this.area.value.includes("@")) return;
    await this.mentionable.load();
    this.onLabels();
  }

  // A text with mentions is sent once it can be encoded. Offline, when that is impossible, it is sent as it is.
  async #waitForLabels(event) {
    if (this.#labels || !this.area.value.includes("@") || this.waited) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    await this.mentionable.load();
    this.waited = true;
    this.area.form.requestSubmit();
    this.waited = false;
  }

  async #complete() {
    const typed = this.area.value[this.area.selectionStart - 1];
    if (!this.#completion && completions.triggers.includes(typed)) {
      const loading = Promise.all([import('./completion.js'), completions.load()]);
      const [{ Completion }, sources] = await loading.catch(() => [{}]); // offline: the next trigger tries again
      if (!Completion) return;
      this.#completion ??= new Completion(this, sources);
    }
    this.#completion?.update();
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !this.enterSends) return;
    if (event.defaultPrevented) return; // an open list of completions took the key
    event.preventDefault();
    this.onSubmit();
  }

  // For browsers without `field-sizing: content`.
  grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.area.style.height = "auto";
    this.area.style.height = `${this.area.scrollHeight}px`;
  }
}
