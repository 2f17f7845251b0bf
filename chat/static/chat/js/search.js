// The search page: completes the filters, and makes the examples buttons that write them into the box.

import { Completion } from './completion.js';

const KEYS = { "from:": "a person", "in:": "a room", "mentions:": "a person", "has:link": "", "after:": "a day", "before:": "a day" };
const VALUE = /(?:^|\s)(from|in|mentions):("?)([^"]*)$/;
const KEY = /(?:^|\s)([a-z]{2,})$/;
const ASK_AFTER = 120; // milliseconds without another key
const form = document.querySelector("[data-search]");
const area = form.q;

class FilterCompletion extends Completion {
  // In place of a trigger: the value of a filter, or the beginning of its key.
  queryAt(text, caret) {
    const before = text.slice(0, caret);
    const value = VALUE.exec(before);
    if (value && (value[2] || !/\s/.test(value[3]))) {
      return { source: VALUES[value[1]], start: caret - value[3].length - value[2].length, query: value[3] };
    }
    const key = KEY.exec(before);
    return key && caret === text.trimEnd().length ? { source: keys, start: caret - key[1].length, query: key[1] } : null;
  }
}

const keys = {
  label: "Filters",
  find: (query) => {
    const found = Object.entries(KEYS).filter(([key]) => key.startsWith(query) && !key.startsWith(`${query}:`));
    return found.map(([label, detail]) => ({ label, detail }));
  },
  text: ({ label }) => (label.endsWith(":") ? label : `${label} `),
};

const answers = new Map();

function values(key, label) {
  let timer = 0;
  return {
    label,
    find(query, update) {
      clearTimeout(timer);
      const known = answers.get(`${key}:${query}`);
      if (known) return known;
      timer = setTimeout(async () => {
        const names = await suggested(key, query);
        if (!names) return; // offline, or too many requests
        const me = key === "from" && "me".startsWith(query.toLowerCase()) ? [{ label: "me", mark: "@" }] : [];
        const items = [...me, ...names.map((name) => ({ label: name, ...(key === "in" ? { mark: "#" } : { avatar: { name } }) }))];
        answers.set(`${key}:${query}`, items);
        update(items);
      }, ASK_AFTER);
      return [];
    },
    text: ({ label }) => (/[\s"]/.test(label) ? `"${label.replaceAll('"', "")}" ` : `${label} `),
  };
}

const VALUES = { from: values("from", "People"), mentions: values("from", "People"), in: values("in", "Rooms") };

async function suggested(key, query) {
  const url = `/search/suggestions/?key=${key}&q=${encodeURIComponent(query)}`;
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    return response.ok ? (await response.json()).names : null;
  } catch {
    return null;
  }
}

const box = {
  area,
  insert(text, start) {
    area.setRangeText(text, start, area.selectionEnd, "end");
    if (text.endsWith(":")) completion.update();
  },
};
const completion = new FilterCompletion(box, []);
area.addEventListener("input", () => completion.update());
if (area.value !== area.defaultValue) completion.update(); // typed before this module was loaded
// Enter searches while the key of a filter is proposed: a word such as "men" may be what is looked for.
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && completion.isOpen && completion.found.source === keys) completion.close();
}, { capture: true });

for (const example of document.querySelectorAll("[data-filter]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = example.textContent;
  button.addEventListener("click", () => {
    const typed = area.value.trimEnd();
    area.value = `${typed}${typed ? " " : ""}${example.dataset.filter || example.textContent}`;
    area.focus();
    completion.update();
  });
  example.replaceWith(button);
}
