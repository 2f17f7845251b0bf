// The list that completes what is typed after a trigger, such as `@` or `:`. The focus stays in the text box.
//
// A source is { trigger, label, spaces?, find(query, update), text(item, box) }. `find` returns items or a promise of
// them, and may call `update(items)` later. An item is { label, detail?, avatar?, mark? }: `avatar` is a person,
// `mark` a character shown instead. `text` returns what replaces the trigger and the query. `spaces` is the number of
// spaces that a query may have.

import { fillAvatar } from './avatars.js';
import { queryAt } from './completion_query.js';

const LISTED = 8;

let lists = 0;

export class Completion {
  constructor(box, sources) {
    Object.assign(this, { box, sources, area: box.area, items: [], selected: 0, turn: 0, dismissed: null });
    this.list = element("ul", "completions", { role: "listbox", id: `completions-${(lists += 1)}`, hidden: "" });
    this.status = element("p", "visually-hidden", { role: "status" });
    this.area.parentElement.classList.add("completing");
    this.area.before(this.list, this.status);
    // Not `aria-expanded`: a textarea has the role `textbox`, which does not support it.
    this.area.setAttribute("aria-autocomplete", "list");
    this.area.setAttribute("aria-controls", this.list.id);
    // Before the text box's own listener, which sends the message on Enter.
    this.area.addEventListener("keydown", (event) => this.#key(event), { capture: true });
    this.area.addEventListener("blur", () => this.close());
    this.area.form?.addEventListener("submit", () => this.close());
    for (const type of ["click", "keyup"]) this.area.addEventListener(type, () => this.#moved());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.#choose([...this.list.children].indexOf(option));
    });
  }

  get isOpen() {
    return !this.list.hidden;
  }

  queryAt(text, caret) {
    return queryAt(text, caret, this.sources);
  }

  async update() {
    const { selectionStart, selectionEnd, value } = this.area;
    const found = selectionStart === selectionEnd ? this.queryAt(value, selectionStart) : null;
    const turn = (this.turn += 1);
    if (found?.start !== this.dismissed) this.dismissed = null;
    if (!found || this.dismissed !== null) return this.#hide();
    const show = (items) => turn === this.turn && this.#show(items, found);
    show(await found.source.find(found.query, show));
  }

  close() {
    this.turn += 1;
    this.#hide();
  }

  #show(items, found) {
    const kept = this.isOpen && this.found.query === found.query ? this.items[this.selected]?.label : null;
    this.items = items.slice(0, LISTED);
    this.found = found;
    if (!this.items.length) return this.#hide();
    this.list.ariaLabel = found.source.label;
    this.list.replaceChildren(...this.items.map((item, index) => this.#option(item, index)));
    this.#place();
    this.list.hidden = false;
    this.#select(Math.max(0, this.items.findIndex(({ label }) => label === kept)));
    this.status.textContent = this.items.length === 1 ? "1 suggestion" : `${this.items.length} suggestions`;
  }

  #hide() {
    if (!this.isOpen) return;
    this.list.hidden = true;
    this.status.textContent = "";
    this.area.removeAttribute("aria-activedescendant");
  }

  // Above the text box, or below it where there is no room, such as in the first message on the page.
  #place() {
    const box = this.area.parentElement.getBoundingClientRect();
    const top = this.area.closest("[data-scroller]")?.getBoundingClientRect().top ?? 0;
    this.list.classList.toggle("below", box.top - top < innerHeight - box.bottom && box.top - top < 320);
  }

  #option(item, index) {
    const option = element("li", "completion", { role: "option", id: `${this.list.id}-${index}` });
    const mark = element("span", "mark-of-item", { "aria-hidden": "true" });
    if (item.avatar) fillAvatar(mark, item.avatar);
    else mark.textContent = item.mark ?? "";
    const label = element("bdi", "completion-label");
    label.textContent = item.label;
    const detail = element("span", "completion-detail");
    detail.textContent = item.detail ?? "";
    option.append(mark, label, detail);
    return option;
  }

  #select(index) {
    this.selected = index;
    [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", at === index));
    this.area.setAttribute("aria-activedescendant", this.list.children[index].id);
    this.list.children[index].scrollIntoView({ block: "nearest" });
  }

  #choose(index) {
    const { source, start } = this.found;
    this.close();
    this.box.insert(source.text(this.items[index], this.box), start);
    this.dismissed = start; // what was chosen is not a query any more
  }

  #key(event) {
    if (!this.isOpen || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const { length } = this.items;
    if (step) this.#select((this.selected + step + length) % length);
    else if (event.key === "Escape") {
      this.dismissed = this.found.start;
      this.close();
    } else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) this.#choose(this.selected);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  // The caret left the query.
  #moved() {
    if (!this.isOpen) return;
    const found = this.queryAt(this.area.value, this.area.selectionStart);
    if (found?.start !== this.found.start) this.close();
  }
}

function element(name, className, attributes = {}) {
  const made = document.createElement(name);
  made.className = className;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
