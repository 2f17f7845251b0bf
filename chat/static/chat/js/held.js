// The user's messages that wait for a moderator's approval. When one is approved, its message replaces it by the same
// client id; when it is refused, the row shows why and hands the text back.

const REFUSED = "A moderator did not approve this message.";

export class Held {
  // `parts`: those of room.js.
  constructor({ outbox, outgoing, sender, pending, messageList }) {
    Object.assign(this, { outbox, outgoing, sender, pending });
    this.waiting = new Map(); // client id → event
    messageList.watchers.push({
      inserted: ({ client_id: id }) => {
        this.waiting.delete(id);
        if (this.waiting.size) queueMicrotask(() => this.#show()); // a new page of messages removed the rows
      },
    });
  }

  receive(event) {
    const { id, refused, answer } = event;
    const known = { ...this.waiting.get(id), ...event };
    const quote = this.outbox.entries.get(id)?.quote ?? known.quote;
    this.sender.acknowledged(id); // the server keeps the text
    if (!refused) {
      this.waiting.set(id, { ...known, quote });
      this.#show();
      return;
    }
    this.waiting.delete(id);
    this.#row(id)?.querySelector(".held-note")?.remove();
    if (known.text === undefined) return;
    this.outbox.add(id, command(known), quote);
    this.outbox.refuse(id, { code: "not_approved", message: answer ? `${REFUSED} ${answer}` : REFUSED });
    this.outgoing.show();
  }

  // Those that still wait follow.
  welcomed() {
    for (const id of this.waiting.keys()) this.pending.settled(id);
    this.waiting.clear();
  }

  #show() {
    for (const [id, event] of this.waiting) {
      this.pending.show({ id, command: command(event), quote: event.quote });
      const row = this.#row(id);
      if (!row || row.querySelector(".held-note")) continue;
      const note = document.createElement("p");
      note.className = "held-note";
      note.textContent = event.cause ? `Waiting for approval: ${event.cause}` : "Waiting for approval";
      row.append(note);
      row.classList.add("held");
    }
  }

  #row(id) {
    return this.pending.rows.get(id);
  }
}

function command({ text, reply_to: to }) {
  return { type: "post", text, ...(to && { reply_to: to }) };
}
