// Moves the focus between messages. One of them can be reached with Tab: the latest, or the last focused. Tab leaves
// the list in one step; Right and Left go through the links and buttons of a message.

const KEYS = ["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"];
const SCROLLING = "pre[tabindex], .table[tabindex]"; // wider than their message: blocks.js
const CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex]";

// The index that a key leads to among `count` messages, -1 before the first, `count` after the last. `page` is the
// number of messages that PageUp and PageDown skip.
export function destination(key, index, count, page) {
  const last = count - 1;
  if (key === "ArrowUp") return index - 1;
  if (key === "ArrowDown") return index + 1;
  if (key === "PageUp") return index === 0 ? -1 : Math.max(0, index - page);
  if (key === "PageDown") return index === last ? count : Math.min(last, index + page);
  return key === "Home" ? 0 : last;
}

// The number in `seqs` (ascending) that is nearest to `seq`.
export function nearest(seqs, seq) {
  return seqs.reduce((best, one) => (Math.abs(one - seq) < Math.abs(best - seq) ? one : best), seqs[0]);
}

export class Roving {
  // `onOpen(row)`: the menu was asked for. `onFocus(row)`: the focus moved to this row, or left the list (null).
  constructor({ scroller, messageList, timeline, pager, composer, onOpen, onFocus }) {
    Object.assign(this, { scroller, timeline, pager, composer, onOpen, onFocus });
    this.list = messageList.list;
    this.current = null;
    this.seq = 0; // of the current row, to find its neighbour when it is removed
    this.chosen = false; // the user has focused a message
    this.inside = false; // the focus is in the list
    this.#mark(this.list.querySelector(".message.target") ?? this.#last());
    this.list.addEventListener("keydown", (event) => this.#key(event));
    scroller.element.addEventListener("focusin", (event) => this.focused(event));
    scroller.element.addEventListener("focusout", (event) => this.#left(event));
    document.addEventListener("focusin", ({ target }) => this.list.contains(target) || (this.inside = false));
    new MutationObserver(() => this.#renewed()).observe(this.list, { childList: true, subtree: true });
  }

  rows() {
    return [...this.list.querySelectorAll(".message:not(.folded)")];
  }

  focus(row) {
    if (!row) return;
    this.#mark(row);
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  // A key was pressed before this code was loaded. Links and buttons have handled Enter.
  repeat({ key, shiftKey, ctrlKey, altKey, metaKey, target }) {
    const from = document.activeElement;
    if (key === "Tab" || ctrlKey || altKey || metaKey || target.closest(".editor")) return;
    if (key === "Enter" && target.closest("a, button")) return;
    if (this.current?.contains(from)) this.#keyOn(this.current, { key, shiftKey, target: from, preventDefault() {} });
  }

  // A click on a row moves the focus to it.
  point(row) {
    if (!row || row.matches(".folded")) return;
    this.chosen = true;
    this.#mark(row);
  }

  // The focus moved into the list. From outside with the keyboard, it goes to the current message, not to a link in it.
  focused({ target, relatedTarget }) {
    const row = target.closest(".message");
    const entered = !this.scroller.element.contains(relatedTarget) && target.matches(":focus-visible");
    if (target === this.scroller.element || (entered && target !== row && !target.closest(".editor"))) {
      if (target.matches(":focus-visible")) this.focus(this.current);
      return;
    }
    if (!row) return;
    this.inside = this.chosen = true;
    this.#mark(row);
    this.onFocus(row);
  }

  #left({ target }) {
    setTimeout(() => {
      if (!target.isConnected || this.list.contains(document.activeElement)) return;
      this.inside = false;
      this.onFocus(null);
    });
  }

  #key(event) {
    const row = event.target.closest(".message");
    if (!row || event.defaultPrevented || event.isComposing) return;
    if (event.key === "Tab") this.#leave(event);
    else if (!event.target.closest(".editor") && !event.ctrlKey && !event.altKey && !event.metaKey) {
      this.#keyOn(row, event);
    }
  }

  #keyOn(row, event) {
    const { key, target, shiftKey } = event;
    if (target !== row && target.matches(SCROLLING)) return; // the keys scroll it
    if (key === "ContextMenu" || (key === "F10" && shiftKey)) this.onOpen(row);
    else if (shiftKey) return;
    else if (key === "Enter" && target === row) this.#open(row);
    else if (key === "Escape" && target === row) this.composer.focus();
    else if (key === "Escape") this.focus(row);
    else if (key === "ArrowRight" || key === "ArrowLeft") this.#within(row, target, key === "ArrowRight" ? 1 : -1);
    else if (KEYS.includes(key)) this.#move(row, key);
    else return;
    event.preventDefault();
  }

  #open(row) {
    if (row.matches(".folds")) row.querySelector(".unfold").click();
    else if (row.dataset.seq) this.onOpen(row);
    else this.#within(row, row, 1);
  }

  async #move(row, key) {
    if (this.#scrolled(row, key)) return;
    const rows = this.rows();
    const page = Math.max(1, Math.floor(this.scroller.element.clientHeight / (row.offsetHeight || 1)) - 1);
    const index = destination(key, rows.indexOf(row), rows.length, page);
    if (index < 0) await this.#load(row, key, this.timeline.earlier && "earlier");
    else if (index >= rows.length) await this.#load(row, key, this.timeline.later && "later");
    else if (key === "End" && this.timeline.later) {
      await this.pager.latest();
      this.focus(this.#last());
    } else this.focus(rows[index]);
  }

  // At the end of the messages on the page: load more, and move on.
  async #load(row, key, direction) {
    if (!direction) return;
    await this.pager[direction]();
    const rows = this.rows();
    const index = rows.indexOf(row) + (direction === "earlier" ? -1 : 1);
    if (row.isConnected) this.focus(rows[index]);
  }

  // A message that is higher than the window is read in steps.
  #scrolled(row, key) {
    if (key !== "ArrowUp" && key !== "ArrowDown") return false;
    const view = this.scroller.element.getBoundingClientRect();
    const box = row.getBoundingClientRect();
    const hidden = key === "ArrowUp" ? view.top - box.top : box.bottom - view.bottom;
    if (box.height <= view.height || hidden <= 1) return false;
    const distance = Math.min(hidden, view.height * 0.8);
    this.scroller.element.scrollBy({ top: key === "ArrowUp" ? -distance : distance });
    return true;
  }

  #within(row, from, step) {
    const controls = [row, ...row.querySelectorAll(CONTROLS)].filter(isVisible);
    controls[controls.indexOf(from) + step]?.focus();
  }

  // To the next control outside of the list. In an editor Tab goes through its own controls first.
  #leave(event) {
    const { target, shiftKey } = event;
    const editor = target.closest(".editor");
    const ways = shiftKey ? Node.DOCUMENT_POSITION_PRECEDING : Node.DOCUMENT_POSITION_FOLLOWING;
    const beyond = (root, from) => {
      const found = [...root.querySelectorAll(CONTROLS)].filter((one) => {
        const apart = !from.contains(one) && !one.contains(from);
        return apart && from.compareDocumentPosition(one) & ways && isTabbable(one);
      });
      return shiftKey ? found.at(-1) : found[0];
    };
    const next = (editor && beyond(editor, target)) || beyond(document, this.scroller.element);
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  #mark(row) {
    if (row) this.seq = Number(row.dataset.seq) || this.seq;
    this.scroller.element.tabIndex = row ? -1 : 0;
    if (row === this.current) return;
    this.current?.removeAttribute("tabindex");
    this.current = row;
    if (row) row.tabIndex = 0;
  }

  // Rows were added, changed or removed.
  #renewed() {
    if (!this.current?.isConnected || this.current.matches(".folded")) this.#mark(this.#nearest());
    else if (!this.chosen) this.#mark(this.#last());
    if (this.inside && document.activeElement === document.body) this.focus(this.current);
  }

  #nearest() {
    if (!this.chosen) return this.#last();
    const rows = new Map(this.rows().map((row) => [Number(row.dataset.seq) || Infinity, row]));
    return rows.get(nearest([...rows.keys()], this.seq)) ?? null;
  }

  #last() {
    let row = this.list.lastElementChild;
    while (row && !row.matches(".message:not(.folded)")) row = row.previousElementSibling;
    return row;
  }
}

function isVisible(element) {
  return element.getClientRects().length > 0;
}

function isTabbable(element) {
  return element.tabIndex >= 0 && !element.disabled && isVisible(element);
}
