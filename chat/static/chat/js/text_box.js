// A textarea for a message, in the composer and when a message is edited. It grows with its text and calls `onSubmit`
// on Enter. Mentions are shown by name; `text` has them as the server stores them.

import { decode, encode } from './mention_tokens.js';

const TOUCH = "(pointer: coarse)";

export class TextBox {
  // `mentionable` has the ids of people who can be mentioned, by display name. All boxes of a page share it.
  constructor(area, { mentionable, onSubmit, onChange = () => {} }) {
    Object.assign(this, { area, mentionable, onSubmit, onChange });
    this.enterSends = !matchMedia(TOUCH).matches;
    area.addEventListener("input", () => this.changed());
    area.addEventListener("keydown", (event) => this.#key(event));
    this.grow();
  }

  get shown() {
    return this.area.value;
  }

  get text() {
    return encode(this.area.value, this.mentionable);
  }

  // The people whom the text may mention: display names by id, for a draft.
  get names() {
    const people = this.area.value.includes("@") ? [...this.mentionable] : [];
    const used = people.filter(([name, id]) => id !== "all" && this.area.value.includes(`@${name}`));
    return Object.fromEntries(used.map(([name, id]) => [id, name]));
  }

  // These people can be mentioned.
  learn(names) {
    for (const [id, name] of Object.entries(names)) this.mentionable.set(name, Number(id));
  }

  // Show a text that has mentions as the server stores them. `names` has display names by id.
  show(text, names = {}) {
    this.learn(names);
    this.area.value = decode(text, names);
    this.changed();
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
    this.grow();
    this.onChange();
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
