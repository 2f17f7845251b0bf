// The elements of the emoji picker.

import { COLUMNS } from './emoji_grid.js';

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
  Object.assign(panel, { className: "emoji-picker", role: "dialog", ariaLabel: "Emoji", tabIndex: -1, popover: "auto" });
  panel.append(...Object.values(parts));
  document.body.append(panel);
  return { panel, ...parts };
}

export function newSection(name) {
  const section = document.createElement("section");
  const heading = document.createElement("h3");
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
