// The actions on messages, loaded at the first gesture: the entries of the menu, and what shows them. The gestures that
// lead to them are in message_gestures.js.

import { Deleting } from './deleting.js';
import { Editing } from './editing.js';
import { entry as ignoreEntry } from './ignore.js';
import { ignoring } from './ignoring.js';
import { inOrder, ownEntries } from './message_entries.js';
import { MessageGestures } from './message_gestures.js';
import { PopupMenu } from './popup_menu.js';
import { Roving } from './roving.js';
import { RovingKeys } from './roving_keys.js';
import { Toolbar } from './toolbar.js';
import { Touch } from './touch.js';

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
      act: (entry, row) => this.act(entry, row),
      onMore: (row) => this.open(row),
    });
    this.roving = new Roving({ ...parts, onFocus: (row) => this.gestures.focused(row) });
    this.keys = new RovingKeys(this.roving, { ...parts, onOpen: (row) => this.open(row) });
    this.touch = new Touch({ list: this.list, onPress: (row) => this.open(row) });
    const showVersions = (seq) => this.showVersions(seq);
    const openForm = (address) => this.#openForm(address);
    this.own = ownEntries({ parts, deleting: this.deleting, editing: this.editing, showVersions, openForm });
    this.own.push(ignoreEntry(ignoring, parts.me));
    // So that people can react and reply offline.
    Promise.all([import('./quick_reactions.js'), import('./replying.js')]).catch(() => {});
    this.gestures = new MessageGestures(this);
    parts.messageList.watchers.push({ updated: ({ seq }) => this.gestures.updated(parts.messageList.rows.get(seq)) });
  }

  // Handle gestures from now on, and those that happened while this module was loading.
  start(early) {
    this.gestures.start(early);
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
        this.act(entry, row);
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
  act(entry, row) {
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

  async showVersions(seq) {
    const { template, url } = this.parts;
    const { showVersions } = await import('./versions.js').catch(() => ({}));
    showVersions?.(`${url(seq)}versions/`, template);
  }
}

function iconsOf(template) {
  const icons = template("icons").content;
  return (name) => icons.querySelector(`[data-icon="${name}"]`).firstElementChild.cloneNode(true);
}
