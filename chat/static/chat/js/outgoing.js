// What the user sends: from the composer into the outbox, onto the page and to the server. Also the buttons of
// refused entries, and entries of other tabs.

import { newId } from './ids.js';

export class Outgoing {
  // `onShown()`: the outbox changed.
  constructor({ outbox, sender, pending, composer, scroller, list, onShown }) {
    Object.assign(this, { outbox, sender, pending, composer, scroller, onShown });
    list.addEventListener("click", (event) => this.#clicked(event));
    addEventListener("storage", (event) => {
      if (outbox.changed(event.key, event.newValue)) this.show();
    });
  }

  say(text) {
    this.do({ type: "post", text });
    this.scroller.toEnd();
  }

  // Send a command: post, edit, delete or react.
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

  // The page shows the room's latest messages: stored posts are among them, or they are older.
  forgetStored() {
    this.pending.keepOnly(this.outbox.entries, { all: true });
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
      if (action === "edit") this.composer.give(entry.command.text);
      else this.composer.attend(); // the button that had the focus is gone
    }
    this.onShown();
  }
}
