// The keys that move the focus between messages. Tab leaves the list in one step; Right and Left go through the links
// and buttons of a message.

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

export class RovingKeys {
  // `onOpen(row)`: the menu was asked for.
  constructor(roving, { scroller, timeline, pager, composer, onOpen }) {
    Object.assign(this, { roving, scroller, timeline, pager, composer, onOpen });
    roving.list.addEventListener("keydown", (event) => this.#key(event));
  }

  // A key was pressed before this code was loaded. Links and buttons have handled Enter.
  repeat({ key, shiftKey, ctrlKey, altKey, metaKey, target }) {
    const { current } = this.roving;
    const from = document.activeElement;
    if (key === "Tab" || ctrlKey || altKey || metaKey || target.closest(".editor")) return;
    if (key === "Enter" && target.closest("a, button")) return;
    if (current?.contains(from)) this.#keyOn(current, { key, shiftKey, target: from, preventDefault() {} });
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
    else if (key === "Enter" && target.matches(".mention")) target.click();
    else if (key === "Escape" && target === row) this.composer.focus();
    else if (key === "Escape") this.roving.focus(row);
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
    const rows = this.roving.rows();
    const page = Math.max(1, Math.floor(this.scroller.element.clientHeight / (row.offsetHeight || 1)) - 1);
    const index = destination(key, rows.indexOf(row), rows.length, page);
    if (index < 0) await this.#load(row, key, this.timeline.earlier && "earlier");
    else if (index >= rows.length) await this.#load(row, key, this.timeline.later && "later");
    else if (key === "End" && this.timeline.later) {
      await this.pager.latest();
      this.roving.focus(this.roving.last());
    } else this.roving.focus(rows[index]);
  }

  // At the end of the messages on the page: load more, and move on.
  async #load(row, key, direction) {
    if (!direction) return;
    await this.pager[direction]();
    const rows = this.roving.rows();
    const index = rows.indexOf(row) + (direction === "earlier" ? -1 : 1);
    if (row.isConnected) this.roving.focus(rows[index]);
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
    for (const mention of row.querySelectorAll(".mention[data-user]")) {
      if (mention.dataset.user !== "all") Object.assign(mention, { tabIndex: -1, role: "button" }); // opens a card
    }
    const hidden = row.matches(".continues") && row.querySelector(".author"); // the first of the group has it
    const controls = [row, ...row.querySelectorAll(CONTROLS)].filter((one) => one !== hidden && isVisible(one));
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
}

function isVisible(element) {
  return element.getClientRects().length > 0;
}

function isTabbable(element) {
  return element.tabIndex >= 0 && !element.disabled && isVisible(element);
}
