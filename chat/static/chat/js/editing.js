// Edits messages in their rows. An editor stays open, with its text, while its message changes or leaves the page.

import { Editor } from './editor.js';

export class Editing {
  // `onDelete(seq)`: the user agreed to delete the message. `focusRow(row)` moves the focus.
  constructor(parts, { onDelete, focusRow }) {
    Object.assign(this, { parts, onDelete, focusRow });
    this.editors = new Map(); // seq → editor
    // The browser asks before it leaves the page.
    this.warn = (event) => [...this.editors.values()].some((one) => one.isChanged) && event.preventDefault();
    const { messageList } = parts;
    messageList.watchers.push({
      updated: (message) => this.editors.get(message.seq)?.changed(message),
      inserted: (message) => this.#inserted(message),
    });
  }

  // Edit the latest message of the user that is on the page, from the composer.
  openLast() {
    const { timeline, me } = this.parts;
    const own = [...timeline.messages.values()].filter((one) => one.author.id === me.id && !one.deleted);
    const last = own.reduce((latest, one) => (one.seq > (latest?.seq ?? 0) ? one : latest), null);
    if (last) this.open(last.seq, { fromComposer: true });
  }

  // `text` replaces the stored text, after a refused edit.
  open(seq, { text, fromComposer = false } = {}) {
    const { timeline, messageList, composer, scroller } = this.parts;
    const message = timeline.messages.get(seq);
    const row = messageList.rows.get(seq);
    if (!message || !row) {
      if (text) composer.restore(text); // the message is not on the page
      return;
    }
    if (message.deleted && text === undefined) return;
    let editor = this.editors.get(seq);
    if (!editor) {
      editor = new Editor(message, this.parts, {
        onClose: (command) => this.#closed(editor, seq, command, fromComposer),
        onDelete: () => {
          this.#closed(editor, seq, null, fromComposer);
          this.onDelete(seq);
        },
      });
      this.editors.set(seq, editor);
      addEventListener("beforeunload", this.warn);
      scroller.keep(() => editor.attach(row));
    }
    if (text !== undefined) editor.show(text);
    editor.focus();
  }

  #inserted(message) {
    const editor = this.editors.get(message.seq);
    if (!editor) return;
    editor.attach(this.parts.messageList.rows.get(message.seq));
    editor.changed(message);
  }

  #closed(editor, seq, command, fromComposer) {
    const { composer, scroller, messageList, outgoing } = this.parts;
    this.editors.delete(seq);
    if (!this.editors.size) removeEventListener("beforeunload", this.warn);
    scroller.keep(() => editor.detach());
    if (fromComposer) composer.focus();
    else this.focusRow(messageList.rows.get(seq));
    if (command) outgoing.do(command);
  }
}
