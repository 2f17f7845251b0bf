// The user's messages that wait for a moderator's approval. When one is approved, its message replaces it by the same
// client id; when it is refused, the row shows why and hands the text back.

import { part, place } from './room_details.js';

const REFUSED = "A moderator did not approve this message.";

export class Held {
  // `parts`: those of room.js.
  constructor({ composer, outbox, outgoing, sender, pending, messageList }) {
    Object.assign(this, { composer, outbox, outgoing, sender, pending });
    this.waiting = new Map(); // client id → event
    this.stale = new Set(); // client ids that the server has not repeated since `welcome`
    this.refused = new Set(); // client ids of messages whose refusal the server repeats until the user has read it
    messageList.watchers.push({
      inserted: ({ client_id: id }) => {
        this.waiting.delete(id);
        if (this.waiting.size) queueMicrotask(() => this.#show()); // a new page of messages removed the rows
      },
    });
    // Before the outbox's own listener, which removes the row.
    messageList.list.addEventListener("click", (event) => this.#clicked(event), { capture: true });
  }

  receive({ id, text, cause, refused, answer, gone }) {
    const { quote } = this.outbox.entries.get(id) ?? this.waiting.get(id) ?? {};
    this.waiting.delete(id);
    this.stale.delete(id);
    if (refused) this.#refuse(id, text, answer, quote);
    else {
      this.refused.delete(id);
      this.sender.acknowledged(id); // the server keeps the text
      if (gone) this.pending.settled(id);
      else this.waiting.set(id, { text, cause, quote });
    }
    this.#show();
  }

  // Those that still wait follow.
  welcomed() {
    this.stale = new Set([...this.waiting.keys(), ...this.refused]);
  }

  // The others were decided about while there was no connection.
  settle() {
    for (const id of this.stale) {
      if (this.refused.delete(id)) this.sender.acknowledged(id);
      this.pending.settled(id);
      this.waiting.delete(id);
    }
  }

  #refuse(id, text, answer, quote) {
    this.refused.add(id);
    this.pending.settled(id);
    if (!this.outbox.entries.get(id)?.refused) {
      this.sender.acknowledged(id);
      this.outbox.add(id, { type: "post", text }, quote);
      this.outbox.refuse(id, { code: "not_approved", message: answer ? `${REFUSED} ${answer}` : REFUSED });
    }
    this.outgoing.show();
  }

  #show() {
    for (const [id, { text, cause, quote }] of this.waiting) {
      this.pending.show({ id, command: { type: "post", text }, quote });
      const row = this.pending.rows.get(id);
      if (!row || row.querySelector(".held-note")) continue;
      const note = part("held-note").content.firstElementChild.cloneNode(true);
      note.dataset.held = id;
      note.querySelector("span").textContent = cause ? `Waiting for approval: ${cause}` : "Waiting for approval";
      row.append(note);
    }
  }

  #clicked({ target }) {
    const done = target.closest("[data-do]") && target.closest("[data-entry]")?.dataset.entry;
    if (this.refused.delete(done)) this.#withdraw(done);
    const id = target.closest("[data-withdraw]") && target.closest("[data-held]").dataset.held;
    if (!id) return;
    const { text, quote } = this.waiting.get(id);
    this.#withdraw(id).then((sent) => {
      if (!sent) return;
      this.waiting.delete(id);
      this.pending.settled(id);
      this.composer.restore(text, quote);
    });
  }

  // Resolves to true if the server took it back, or knows that the refusal was read.
  #withdraw(id) {
    const body = new FormData(this.composer.form);
    const sent = fetch(`${place.address}held/${id}/withdraw/`, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
    });
    return sent.then((response) => response.ok, () => false);
  }
}
