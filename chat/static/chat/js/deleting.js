// Deletes messages. For some seconds the person who deleted one can undo it in its row.

const UNDO_FOR = 10_000; // milliseconds; the server accepts it for a minute

export class Deleting {
  constructor({ messageList, outgoing, template, me }, { fold, focusRow }) {
    Object.assign(this, { messageList, outgoing, template, me, fold, focusRow });
    this.awaited = new Set(); // seqs of messages that were deleted here and whose tombstones have not arrived
    const arrived = (message) => this.#arrived(message);
    messageList.watchers.push({ updated: arrived, inserted: arrived });
  }

  delete(seq) {
    this.awaited.add(seq);
    this.outgoing.do({ type: "delete", seq });
  }

  restore(seq) {
    this.outgoing.do({ type: "restore", seq });
  }

  #arrived({ seq, deleted, hidden, author }) {
    const row = this.messageList.rows.get(seq);
    if (!deleted) this.#end(row);
    else if (this.awaited.delete(seq) && !(hidden && author.id === this.me.id)) this.#offer(row, seq);
  }

  #offer(row, seq) {
    this.#end(row);
    const button = this.template("undo").content.firstElementChild.cloneNode(true);
    row.querySelector(".tombstone").append(" ", button);
    row.classList.add("undoable");
    const timer = setTimeout(() => this.#end(row), UNDO_FOR);
    button.addEventListener("click", () => {
      clearTimeout(timer);
      this.#end(row);
      this.restore(seq);
    });
  }

  #end(row) {
    const button = row?.querySelector(".undo");
    if (!button) return;
    const hadFocus = button === document.activeElement;
    button.remove();
    row.classList.remove("undoable");
    if (hadFocus) this.focusRow(row);
    this.fold();
  }
}
