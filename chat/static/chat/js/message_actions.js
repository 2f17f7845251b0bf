// The actions on messages, loaded at the first gesture: the entries of the menu, and what shows them.

import { Deleting } from './deleting.js';
import { Editing } from './editing.js';
import { entry as ignoreEntry } from './ignore.js';
import { ignoring } from './ignoring.js';
import { inOrder, ownEntries } from './message_entries.js';
import { PopupMenu } from './popup_menu.js';
import { Roving } from './roving.js';
import { RovingKeys } from './roving_keys.js';
import { Toolbar } from './toolbar.js';
import { Touch } from './touch.js';
import { messageName } from './message_name.js';

const WRITING = ["react", "reply", "edit"]; // entries for people who may write now

export class MessageActions {
  constructor(menu) {
    const { parts } = menu;
    Object.assign(this, { menu, parts });
    this.list = parts.messageList.list;
    const focusRow = (row) => this.roving.focus(row);
    const icon = iconsOf(parts.template);
    this.deleting = new Deleting(parts, { fold: () => menu.fold(), focusRow });
    this.editing = new Editing(parts, { onDelete: (seq) => this.deleting.delete(seq), focusRow });
    this.popup = new PopupMenu({ template: parts.template, icon });
    this.toolbar = new Toolbar({
      template: parts.template,
      icon,
      entriesFor: (row) => this.entriesFor(row),
      act: (entry, row) => this.#act(entry, row),
      onMore: (row) => this.open(row),
    });
    this.roving = new Roving({ ...parts, onFocus: (row) => this.#focused(row) });
    this.keys = new RovingKeys(this.roving, { ...parts, onOpen: (row) => this.open(row) });
    this.touch = new Touch({ list: this.list, onPress: (row) => this.open(row) });
    const showVersions = (seq) => this.#showVersions(seq);
    const openForm = (address) => this.#openForm(address);
    this.own = ownEntries({ parts, deleting: this.deleting, editing: this.editing, showVersions, openForm });
    this.own.push(ignoreEntry(ignoring, parts.me));
    // So that people can react and reply offline.
    Promise.all([import('./quick_reactions.js'), import('./replying.js')]).catch(() => {});
    parts.messageList.watchers.push({ updated: ({ seq }) => this.#updated(parts.messageList.rows.get(seq)) });
  }

  // Handle gestures from now on, and those that happened while this module was loading.
  start(early) {
    const { element } = this.parts.scroller;
    const handlers = {
      pointerover: (event) => this.#hovered(event),
      pointerdown: (event) => this.#pressed(event),
      click: (event) => this.#clicked(event),
      contextmenu: (event) => this.#contextMenu(event),
      keydown: (event) => this.#key(event),
    };
    for (const [type, handle] of Object.entries(handlers)) element.addEventListener(type, handle);
    element.addEventListener("pointerleave", () => this.toolbar.show(this.#focusedRow()));
    for (const event of early) {
      if (event.type === "focusin" && element.contains(document.activeElement)) this.roving.focused(event);
      else if (event.type === "keydown") this.keys.repeat(event);
      handlers[event.type]?.(event);
    }
  }

  // Open the menu of a row, beside its toolbar if that is shown.
  open(row) {
    const entries = this.entriesFor(row);
    if (!entries.length) return;
    this.touch.stop();
    const anchor = this.toolbar.row === row && this.toolbar.more.getClientRects().length ? this.toolbar.more : row;
    row.classList.add("chosen");
    const state = this.#state(row);
    const react = entries.find((entry) => entry.quickRow);
    const closed = () => {
      row.classList.remove("chosen");
      this.roving.focus(this.#current(row));
    };
    this.popup.open(entries.filter((entry) => entry !== react), {
      anchor,
      quickRow: react && ((close) => react.quickRow(state, row, close)),
      onCancel: closed,
      onChoose: (entry) => {
        closed();
        this.#act(entry, row);
      },
    });
  }

  // The entries of a message, with their labels, in the order of the menu.
  entriesFor(row) {
    const state = this.#state(row);
    if (!state || row.matches(".editing, .folds")) return [];
    const { me } = this.parts;
    const mayWrite = this.parts.composer.form.checkVisibility();
    return inOrder([...this.menu.entries, ...this.own])
      .filter((entry) => entry.when(state, me) && (mayWrite || !WRITING.includes(entry.name)))
      .map((entry) => ({ ...entry, label: typeof entry.label === "function" ? entry.label(state) : entry.label }));
  }

  // The message may have changed, or its row was replaced, since the menu was opened.
  #act(entry, row) {
    const now = this.#current(row);
    const state = now && this.#state(now);
    if (state && entry.when(state, this.parts.me)) entry.act(state, now);
  }

  #state(row) {
    return this.parts.timeline.messages.get(Number(row.dataset.seq));
  }

  #current(row) {
    return this.parts.messageList.rows.get(Number(row.dataset.seq));
  }

  #focused(row) {
    if (this.named !== row) this.named?.removeAttribute("aria-label");
    this.named = row;
    if (row) row.ariaLabel = messageName(row);
    this.toolbar.show(this.#focusedRow() ?? (this.hovered?.matches(":hover") ? this.hovered : null));
  }

  // The row that shows the focus: it was moved with the keyboard.
  #focusedRow() {
    const { activeElement } = document;
    return activeElement?.matches(":focus-visible") ? activeElement.closest(".message[data-seq]") : null;
  }

  #updated(row) {
    this.toolbar.update(row);
    if (row && row === this.named) row.ariaLabel = messageName(row);
  }

  #hovered({ target, pointerType }) {
    if (pointerType === "touch") return;
    this.hovered = target.closest(".message[data-seq]");
    if (this.hovered) this.toolbar.show(this.hovered);
  }

  #pressed(event) {
    this.touch.down(event);
    this.roving.point(event.target.closest(".message"));
  }

  #clicked(event) {
    const { target } = event;
    const row = target.closest(".message");
    if (target.closest(".edited")) this.#showVersions(row.dataset.seq);
    else if (target.closest(".unfold")) this.menu.folding.unfold(row);
    else this.touch.clicked(event);
  }

  // The browser's own menu opens on a right click. The keys for it open the message's menu (roving_keys.js).
  #contextMenu(event) {
    if (event.pointerType === "touch") this.touch.contextMenu(event);
    else if (event.button === 0 && event.target.matches(".message")) event.preventDefault();
  }

  // The key of an entry, while a message has the focus.
  #key(event) {
    const row = event.target;
    if (!row.matches(".message[data-seq]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const entry = this.entriesFor(row).find(({ key }) => key === event.key);
    if (!entry) return;
    event.preventDefault();
    this.#act(entry, row);
  }

  // Offline the page opens instead of the dialog.
  async #openForm(address) {
    const { template } = this.parts;
    const { openForm } = await import('./form_dialog.js').catch(() => ({}));
    if (!openForm) location.assign(address);
    else openForm(address, { template, onDone: ({ hidden }) => hidden && this.#undo(hidden) });
  }

  #undo(seq) {
    return { label: "Undo", act: () => this.deleting.restore(seq) };
  }

  async #showVersions(seq) {
    const { template, url } = this.parts;
    const { showVersions } = await import('./versions.js').catch(() => ({}));
    showVersions?.(`${url(seq)}versions/`, template);
  }
}

function iconsOf(template) {
  const icons = template("icons").content;
  return (name) => icons.querySelector(`[data-icon="${name}"]`).firstElementChild.cloneNode(true);
}
