// The quick switcher: rooms, people and commands by some letters of their names. Loaded when it is opened first.

import { fit } from './fuzzy.js';
import { storedValue } from './storage.js';
import { pageCommands, pageRooms, SwitchData } from './switch_data.js';

const SHOWN = 12; // options
const RECENT = 20; // addresses that are remembered
const recent = storedValue("switched");
const WORDS = { room: "Room", person: "Person", command: "Command" };
let switcher = null;

export function open() {
  switcher ??= new Switcher();
  switcher.open();
}

class Switcher {
  constructor() {
    this.dialog = build("dialog", { className: "switcher", ariaLabel: "Go to" });
    this.input = build("input", { type: "text", role: "combobox", autocomplete: "off", spellcheck: false });
    this.input.placeholder = this.input.ariaLabel = "Room, person or command";
    this.list = build("ul", { id: "switcher-list", role: "listbox", ariaLabel: "Found" });
    this.note = build("p", { className: "switcher-note", role: "status" });
    this.input.setAttribute("aria-controls", "switcher-list");
    this.input.setAttribute("aria-autocomplete", "list");
    this.input.ariaExpanded = true;
    this.dialog.append(this.input, this.list, this.note);
    document.body.append(this.dialog);
    this.input.addEventListener("input", () => this.#typed());
    this.dialog.addEventListener("keydown", (event) => this.#key(event));
    this.dialog.addEventListener("click", (event) => this.#clicked(event));
  }

  open() {
    if (this.dialog.open) return;
    this.input.value = "";
    this.data = new SwitchData(() => this.show());
    this.page = [...pageRooms(), ...pageCommands()];
    this.chosen = 0;
    this.dialog.showModal();
    this.data.ask("");
    this.show();
  }

  // Show what fits, the best first; without a text the recent ones.
  show() {
    const query = this.input.value.trim();
    const last = (recent.get() || "").split("\n");
    const all = new Map([...this.data.options, ...this.page].map((option) => [option.url ?? option.label, option]));
    this.options = [...all.values()]
      .map((option, place) => ({ ...option, score: score(option, query, last), place }))
      .filter((option) => option.score > 0)
      .toSorted((one, other) => other.score - one.score || one.place - other.place)
      .slice(0, SHOWN);
    this.list.replaceChildren(...this.options.map(optionOf));
    this.note.textContent = this.options.length ? "" : this.data.note || "Nothing has this name.";
    this.#choose(Math.min(this.chosen, Math.max(this.options.length - 1, 0)));
  }

  #typed() {
    this.chosen = 0;
    this.data.ask(this.input.value.trim());
    this.show();
  }

  #choose(place) {
    this.chosen = place;
    [...this.list.children].forEach((option, each) => (option.ariaSelected = each === place));
    const option = this.list.children[place];
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
    else this.input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  #key(event) {
    const count = this.options.length;
    const places = { ArrowDown: (this.chosen + 1) % count, ArrowUp: (this.chosen + count - 1) % count };
    if (event.isComposing) return;
    if (event.key === "Tab") event.preventDefault(); // the list is no stop: the arrow keys move in it
    if (event.key in places && count) {
      event.preventDefault();
      this.#choose(places[event.key]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.#go(this.options[this.chosen]);
    }
  }

  #clicked({ target }) {
    const option = target.closest("[role=option]");
    if (option) this.#go(this.options[[...this.list.children].indexOf(option)]);
    else if (target === this.dialog) this.dialog.close();
  }

  #go(option) {
    if (!option) return;
    const last = (recent.get() || "").split("\n").filter((url) => url && url !== option.url);
    if (option.url) recent.set([option.url, ...last].slice(0, RECENT).join("\n"));
    this.dialog.close();
    if (option.act) option.act();
    else location.assign(option.url);
  }
}

// Recent ones come first among those that fit equally well, and without a text before everything else.
function score(option, query, last) {
  const place = last.indexOf(option.url);
  const bonus = place < 0 ? 0 : (RECENT - place) / RECENT;
  if (!query) return (option.kind === "command" ? 0.5 : 1) + bonus;
  const found = fit(query, option.label);
  return found && found + bonus * 2;
}

function optionOf({ label, kind, icon }, place) {
  const option = build("li", { role: "option", id: `switcher-${place}` });
  const name = build("bdi", { textContent: label });
  option.append(icon ?? "", name, build("span", { className: "switcher-kind", textContent: WORDS[kind] }));
  return option;
}

function build(name, properties) {
  return Object.assign(document.createElement(name), properties);
}
