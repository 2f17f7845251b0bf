// Folds a run of deleted messages into its first row, with a button that shows them. The server folds the rows that it
// renders in the same way (views/rows.py).

const FOLDED_FROM = 3; // messages

// The runs to fold. `items` are the elements of the list in order: { row, folds }, where `folds` is false for a message
// that is not deleted and for anything that is not a message.
export function runs(items, from = FOLDED_FROM) {
  const found = [[]];
  for (const item of items) {
    if (item.folds) found.at(-1).push(item.row);
    else if (found.at(-1).length) found.push([]);
  }
  return found.filter((run) => run.length >= from);
}

export class Folding {
  constructor({ messageList, timeline, scroller, template }) {
    Object.assign(this, { messageList, timeline, scroller, template });
    this.list = messageList.list;
    this.unfolded = new Set(); // seqs that the user wants to see
  }

  update() {
    const changes = this.#changes();
    if (!changes.length) return;
    const focused = document.activeElement?.closest(".message");
    this.scroller.keep(() => {
      for (const { row, count, hidden } of changes) this.#apply(row, count, hidden);
      for (const { row } of changes) this.#regroup(row);
    });
    if (focused?.matches(".folded")) focus(headOf(focused));
  }

  // Show the messages that a row folds.
  unfold(head) {
    let row = head;
    do {
      this.unfolded.add(Number(row.dataset.seq));
      row = row.nextElementSibling;
    } while (row?.matches(".folded"));
    this.update();
    focus(head);
  }

  #changes() {
    const rows = [...this.list.children];
    const wanted = new Map();
    for (const run of runs(rows.map((row) => ({ row, folds: this.#folds(row) })))) {
      run.forEach((row, place) => wanted.set(row, { count: place ? 0 : run.length, hidden: place > 0 }));
    }
    return rows
      .filter((row) => row.matches(".message"))
      .map((row) => ({ row, ...(wanted.get(row) ?? { count: 0, hidden: false }) }))
      .filter(({ row, count, hidden }) => hidden !== row.matches(".folded") || count !== countOf(row));
  }

  #folds(row) {
    const seq = Number(row.dataset.seq);
    if (!this.timeline.messages.get(seq)?.deleted || this.unfolded.has(seq)) return false;
    return !row.matches(".pending, .editing, .undoable");
  }

  #apply(row, count, hidden) {
    row.classList.toggle("folded", hidden);
    row.classList.toggle("folds", count > 0);
    let button = row.querySelector(".unfold");
    if (!count) {
      button?.remove();
      return;
    }
    if (!button) row.append((button = this.template("unfold").content.firstElementChild.cloneNode(true)));
    button.textContent = `${count} deleted messages`;
  }

  // The message itself, and the one after it, which may have continued its group.
  #regroup(row) {
    this.messageList.regroup(row);
    const after = row.nextElementSibling;
    if (after?.matches(".message")) this.messageList.regroup(after);
  }
}

function countOf(row) {
  return row.matches(".folds") ? Number.parseInt(row.querySelector(".unfold").textContent, 10) : 0;
}

function headOf(row) {
  let head = row;
  while (head && !head.matches(".folds")) head = head.previousElementSibling;
  return head;
}

function focus(row) {
  if (!row) return;
  if (!row.hasAttribute("tabindex")) row.tabIndex = -1;
  row.focus({ preventScroll: true });
}
