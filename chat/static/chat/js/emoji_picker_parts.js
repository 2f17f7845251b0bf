// The elements of the emoji picker, and their texts.

import { COLUMNS } from './emoji_grid.js';

const GAP = 6; // pixels between the picker and its button
const MARKUP = {
  search: ["input", { type: "search", placeholder: "Search in English or Indonesian", ariaLabel: "Search emoji" }],
  status: ["p", { className: "emoji-status", role: "status" }],
  tabs: ["div", { className: "emoji-tabs", role: "group", ariaLabel: "Groups" }],
  grid: ["div", { className: "emoji-grid" }],
  preview: ["p", { className: "emoji-preview", ariaHidden: "true" }],
};

// { panel, search, status, tabs, grid, preview }
export function buildPicker() {
  const parts = {};
  for (const [name, [tag, properties]] of Object.entries(MARKUP)) {
    parts[name] = Object.assign(document.createElement(tag), properties);
  }
  parts.search.autocomplete = "off";
  parts.search.spellcheck = false;
  parts.preview.append(...["span", "bdi", "bdi"].map((tag) => document.createElement(tag)));
  const panel = document.createElement("div");
  Object.assign(panel, { className: "emoji-picker", role: "dialog", ariaLabel: "Emoji", tabIndex: -1 });
  panel.popover = "auto";
  panel.append(...Object.values(parts));
  document.body.append(panel);
  return { panel, ...parts };
}

export function newSection(name) {
  const section = document.createElement("section");
  const heading = document.createElement("h2");
  const buttons = document.createElement("div");
  heading.textContent = name;
  buttons.role = "group";
  buttons.ariaLabel = name;
  section.append(heading, buttons);
  return section;
}

export function fillSection(section, entries) {
  const buttons = entries.map(({ emoji, name, indonesian }) => {
    const button = document.createElement("button");
    button.type = "button";
    button.tabIndex = -1;
    button.textContent = emoji;
    button.dataset.emoji = emoji;
    button.ariaLabel = name === indonesian ? name : `${name}, ${indonesian}`;
    return button;
  });
  section.lastElementChild.replaceChildren(...buttons);
  section.style.setProperty("--rows", Math.ceil(entries.length / COLUMNS));
  return section;
}

export function newTab(group, onClick) {
  const tab = document.createElement("button");
  Object.assign(tab, { type: "button", textContent: group.emoji[0].emoji, ariaLabel: group.name, title: group.name });
  tab.addEventListener("click", onClick);
  return tab;
}

// Show an emoji with its names, or nothing.
export function fillPreview(preview, one) {
  const texts = one ? [one.emoji, one.name, `:${one.code}: · ${one.indonesian}`] : ["", "", ""];
  texts.forEach((text, number) => (preview.children[number].textContent = text));
}

export function foundText(number) {
  if (!number) return "No emoji has this name.";
  return number === 1 ? "1 emoji" : `${number} emoji`;
}

// Show the panel above its button if there is space, else below. CSS ignores the position on phones.
export function place(panel, anchor) {
  const { left, right, top, bottom } = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const x = (left + right) / 2 > innerWidth / 2 ? right - width : left;
  const y = top - height - GAP > GAP ? top - height - GAP : bottom + GAP;
  const keyboard = innerHeight - (globalThis.visualViewport?.height ?? innerHeight);
  panel.style.setProperty("--x", `${between(GAP, x, innerWidth - width - GAP)}px`);
  panel.style.setProperty("--y", `${between(GAP, y, innerHeight - height - GAP)}px`);
  panel.style.setProperty("--keyboard", `${Math.max(0, keyboard)}px`);
}

function between(low, number, high) {
  return Math.max(low, Math.min(number, high));
}
