// The menu of a message. Features register their entries here; everything else is loaded at the first gesture in the
// list (message_actions.js), or when there are deleted messages to fold (folding.js).

const GESTURES = ["pointerover", "pointerdown", "click", "contextmenu", "focusin", "keydown"];
const MENU_KEYS = /^(ContextMenu|F10)$/;
const KEPT = 20; // gestures while the code is loading
const RETRY_AFTER = 2_000; // milliseconds
const FOLDED_FROM = 3; // folding.js

export class MessageMenu {
  // `parts`: what the entries and the loaded code use.
  constructor(parts) {
    this.parts = parts;
    this.entries = [];
    this.#awaitGesture(parts.scroller.element);
    parts.composer.area.addEventListener("keydown", (event) => this.#composerKey(event));
    const fold = () => this.fold();
    parts.messageList.watchers.push({ inserted: fold, updated: fold, removed: fold });
  }

  // Add { name, label, icon, when(state, me), act(state, row), danger?, quick?, key? }. `label` may be a function of
  // the state, `icon` is one of templates/_message_menu.html. Quick entries are in the toolbar too. `key` acts on the
  // message with the focus.
  add(entry) {
    this.entries.push(entry);
  }

  // Edit a message in its row, with this text instead of the stored one.
  async edit(seq, text) {
    const actions = await this.load();
    if (actions) actions.editing.open(seq, { text });
    else this.parts.composer.restore(text);
  }

  // The code of the menu, or undefined if it cannot be loaded now.
  load() {
    this.loading ??= this.#load().catch(() => {
      setTimeout(() => (this.loading = null), RETRY_AFTER);
    });
    return this.loading;
  }

  // Fold runs of deleted messages, once for all changes that arrived together.
  fold() {
    if (this.folds) return;
    this.folds = true;
    queueMicrotask(() => {
      this.folds = false;
      if (this.folding) this.folding.update();
      else if (this.#tombstones() >= FOLDED_FROM) this.#loadFolding().catch(() => {});
    });
  }

  #tombstones() {
    return this.parts.messageList.list.querySelectorAll(".tombstone:not([hidden])").length;
  }

  #awaitGesture(element) {
    const early = [];
    const listening = new AbortController();
    const gesture = async (event) => {
      if (event.type === "keydown" && MENU_KEYS.test(event.key)) event.preventDefault(); // not the browser's menu
      early.push(event);
      early.splice(0, early.length - KEPT);
      const actions = await this.load();
      if (!actions || listening.signal.aborted) return;
      listening.abort();
      actions.start(early);
    };
    for (const type of GESTURES) element.addEventListener(type, gesture, { signal: listening.signal });
  }

  async #load() {
    const [{ MessageActions }] = await Promise.all([import('./message_actions.js'), this.#loadFolding()]);
    return new MessageActions(this);
  }

  async #loadFolding() {
    const { Folding } = await import('./folding.js');
    this.folding ??= new Folding(this.parts);
    this.folding.update();
  }

  async #composerKey(event) {
    const isPlain = !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing;
    if (event.key !== "ArrowUp" || !isPlain || event.defaultPrevented || this.parts.composer.area.value) return;
    event.preventDefault();
    (await this.load())?.editing.openLast();
  }
}
