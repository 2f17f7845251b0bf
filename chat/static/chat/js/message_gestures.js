// The gestures on messages: they show the toolbar, open the menu, or act at once. Loaded with message_actions.js.

import { messageName } from './message_name.js';

export class MessageGestures {
  constructor(actions) {
    this.actions = actions;
    this.named = null; // the row with a name for screen readers
    this.hovered = null;
  }

  // Handle gestures from now on, and those that happened while this module was loading.
  start(early) {
    const { roving, keys, toolbar, parts } = this.actions;
    const { element } = parts.scroller;
    const handlers = {
      pointerover: (event) => this.#hovered(event),
      pointerdown: (event) => this.#pressed(event),
      click: (event) => this.#clicked(event),
      contextmenu: (event) => this.#contextMenu(event),
      keydown: (event) => this.#key(event),
    };
    for (const [type, handle] of Object.entries(handlers)) element.addEventListener(type, handle);
    element.addEventListener("pointerleave", () => toolbar.show(focusedRow()));
    for (const event of early) {
      if (event.type === "focusin" && element.contains(document.activeElement)) roving.focused(event);
      else if (event.type === "keydown") keys.repeat(event);
      handlers[event.type]?.(event);
    }
  }

  focused(row) {
    if (this.named !== row) this.named?.removeAttribute("aria-label");
    this.named = row;
    if (row) row.ariaLabel = messageName(row);
    this.actions.toolbar.show(focusedRow() ?? (this.hovered?.matches(":hover") ? this.hovered : null));
  }

  updated(row) {
    this.actions.toolbar.update(row);
    if (row && row === this.named) row.ariaLabel = messageName(row);
  }

  #hovered({ target, pointerType }) {
    if (pointerType === "touch") return;
    this.hovered = target.closest(".message[data-seq]");
    if (this.hovered) this.actions.toolbar.show(this.hovered);
  }

  #pressed(event) {
    this.actions.touch.down(event);
    this.actions.roving.point(event.target.closest(".message"));
  }

  #clicked(event) {
    const { target } = event;
    const row = target.closest(".message");
    if (target.closest(".edited")) this.actions.showVersions(row.dataset.seq);
    else if (target.closest(".unfold")) this.actions.menu.folding.unfold(row);
    else this.actions.touch.clicked(event);
  }

  // The browser's own menu opens on a right click. The keys for it open the message's menu (roving_keys.js).
  #contextMenu(event) {
    if (event.pointerType === "touch") this.actions.touch.contextMenu(event);
    else if (event.button === 0 && event.target.matches(".message")) event.preventDefault();
  }

  // The key of an entry, while a message has the focus.
  #key(event) {
    const row = event.target;
    if (!row.matches(".message[data-seq]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const entry = this.actions.entriesFor(row).find(({ key }) => key === event.key);
    if (!entry) return;
    event.preventDefault();
    this.actions.act(entry, row);
  }
}

// The row that shows the focus: it was moved with the keyboard.
function focusedRow() {
  const { activeElement } = document;
  return activeElement?.matches(":focus-visible") ? activeElement.closest(".message[data-seq]") : null;
}
