// Sends the user's commands: adds them to the outbox, shows them on the page and sends them. It also handles the
// buttons of refused entries, and entries of other tabs.

import { newId } from './ids.js';

export class Outgoing {
  // `onShown()` is called when the outbox has changed, `onEdit(seq, text)` when the user changes a refused edit.
  constructor({ outbox, sender, pending, composer, scroller, messageList, onShown, onEdit }) {
    Object.assign(this, { outbox, sender, pending, composer, scroller, onShown, onEdit });
    messageList.watchers.push({ inserted: ({ seq }) => this.#inserted(seq) });
    messageList.list.addEventListener("click", (event) => this.#clicked(event));
    addEventListener("storage", (event) => {
      if (outbox.changed(event.key, event.newValue)) this.show();
    });
  }

  post(text) {
    this.do({ type: "post", text });
    this.scroller.toEnd();
  }

  // Send a command: post, edit, delete, restore or react.
  do(command) {
    this.pending.show(this.outbox.add(newId(), command));
    this.sender.flush();
    this.onShown();
  }

  show() {
    this.scroller.keep(() => {
      for (const entry of this.outbox.all()) this.pending.show(entry);
      this.pending.keepOnly(this.outbox.entries);
    });
    this.onShown();
  }

  // Remove rows of posts that were stored elsewhere. The page now shows the room's latest messages.
  forgetStored() {
    this.pending.keepOnly(this.outbox.entries, { all: true });
  }

  // A message that commands of the outbox change came back to the page.
  #inserted(seq) {
    for (const entry of this.outbox.entries.values()) if (entry.command.seq === seq) this.pending.show(entry);
  }

  #clicked(event) {
    const action = event.target.closest("[data-do]")?.dataset.do;
    const entry = this.outbox.entries.get(event.target.closest("[data-entry]")?.dataset.entry);
    if (!action || !entry) return;
    if (action === "again") {
      this.pending.show(this.outbox.retry(entry.id));
      this.sender.flush();
    } else {
      this.outbox.remove(entry.id);
      this.pending.settled(entry.id);
      const { type, seq, text } = entry.command;
      if (action === "edit" && type === "edit") this.onEdit(seq, text);
      else if (action === "edit") this.composer.restore(text);
      else this.composer.focusUnlessTouch(); // the button that had the focus is gone
    }
    this.onShown();
  }
}
