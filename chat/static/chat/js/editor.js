// The text box in the row of a message that is being edited.

import { LengthHint } from './length_hint.js';
import { TEXT_LENGTH, textLength } from './limits.js';
import { answerFiles } from './paste.js';
import { TextBox } from './text_box.js';

const CHANGED = "This message was changed meanwhile. If you save, your text replaces that change.";
const DELETED = "This message was deleted meanwhile. Your text is still here.";
const EMPTY = "This message is empty now. Delete it?";

export class Editor {
  // `onClose(command)`: the user saved, with an `edit` command, or cancelled. `onDelete()`: delete instead of saving an
  // empty text.
  constructor(message, { template, mentionable, composer, onTextBox }, { onClose, onDelete }) {
    Object.assign(this, { message, mentionable, composer, onClose, onDelete });
    this.form = template("editor").content.firstElementChild.cloneNode(true);
    this.note = this.form.querySelector(".editor-note");
    const area = this.form.elements.text;
    this.box = new TextBox(area, {
      mentionable,
      onSubmit: () => this.#save(),
      onChange: () => this.#changed(),
      onLabels: () => this.hint.show(this.box),
    });
    this.answer = this.form.querySelector("[data-answer]");
    answerFiles(area, (text) => (this.answer.textContent = text));
    this.hint = new LengthHint({ form: this.form, area, hint: this.form.querySelector(".editor-foot") });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    this.form.addEventListener("click", ({ target }) => this.#clicked(target.dataset.editor));
    this.form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
      event.preventDefault();
      this.onClose();
    });
    this.hadFocus = false; // when its row was removed
    area.addEventListener("focus", () => (this.hadFocus = true));
    area.addEventListener("blur", () => setTimeout(() => this.#left(area)));
    onTextBox?.(this.box);
    this.show(message.text);
  }

  show(text) {
    const known = Object.fromEntries([...this.mentionable].map(([name, id]) => [id, name]));
    this.box.show(text, { ...known, ...this.message.mentions });
    if (this.message.deleted) this.#note(DELETED, "move");
  }

  attach(row) {
    row.classList.add("editing");
    row.insertBefore(this.form, row.querySelector(".message-body").nextElementSibling);
    this.box.changed();
    if (this.hadFocus && document.activeElement.matches("body, .message")) this.box.focus();
  }

  detach() {
    this.form.closest(".message")?.classList.remove("editing");
    this.form.remove();
  }

  focus() {
    const { area } = this.box;
    this.box.focus();
    area.setSelectionRange(area.value.length, area.value.length);
    this.form.scrollIntoView({ block: "nearest" });
  }

  get isChanged() {
    return this.box.text !== this.message.text;
  }

  // The message has a new state. The user's text stays.
  changed(message) {
    const before = this.message;
    this.message = message;
    if (message.deleted) this.#note(DELETED, "move");
    else if (message.text !== before.text && !before.deleted) this.#note(CHANGED);
    else if (before.deleted) this.#note("");
  }

  #left(area) {
    this.hadFocus = !area.isConnected || document.activeElement === area;
  }

  #save() {
    const { text } = this.box;
    if (textLength(text) > TEXT_LENGTH) return;
    if (this.message.deleted) this.#note(DELETED, "move");
    else if (!text.trim()) this.#note(EMPTY, "delete");
    else if (text === this.message.text) this.onClose();
    else this.onClose({ type: "edit", seq: this.message.seq, text });
  }

  #clicked(action) {
    if (action === "cancel") this.onClose();
    else if (action === "delete") this.onDelete();
    else if (action === "move") {
      const { text } = this.box;
      this.onClose();
      this.composer.restore(text);
    }
  }

  #changed() {
    this.answer.textContent = "";
    this.hint.show(this.box);
    if (this.note.querySelector("[data-note]").textContent === EMPTY) this.#note("");
  }

  // Show a note with one of its buttons. While the message is deleted it cannot be saved.
  #note(text, action = null) {
    this.note.hidden = !text;
    this.note.querySelector("[data-note]").textContent = text;
    for (const button of this.note.querySelectorAll("button")) button.hidden = button.dataset.editor !== action;
    this.form.querySelector('[data-editor="save"]').disabled = this.message.deleted;
  }
}
