// The browser tab's title and icon. They show unread messages and mentions, of this room and of the listed ones.

const MAX_COUNT = 99;

export class Tab {
  constructor({ title, setTitle, setIcon }) {
    Object.assign(this, { title, setTitle, setIcon });
    this.counts = new Map(); // source → { unread, mentions }
    this.shown = null;
  }

  // The name of the page without counts.
  rename(title) {
    this.title = title;
    this.#show();
  }

  // `source`: "here" for the messages of this page, "rooms" for the other rooms.
  count(source, { unread = 0, mentions = 0 }) {
    this.counts.set(source, { unread, mentions });
    this.#show();
  }

  #show() {
    const total = (kind) => [...this.counts.values()].reduce((sum, one) => sum + one[kind], 0);
    const mentions = total("mentions");
    const unread = total("unread");
    const count = mentions ? `(@${atMost(mentions)}) ` : unread ? `(${atMost(unread)}) ` : "";
    const icon = mentions ? "mention" : unread ? "unread" : "plain";
    if (this.shown?.title !== count + this.title) this.setTitle(count + this.title);
    if (this.shown?.icon !== icon) this.setIcon(icon);
    this.shown = { title: count + this.title, icon };
  }
}

function atMost(number) {
  return number > MAX_COUNT ? `${MAX_COUNT}+` : number;
}

function pageTab() {
  const icon = document.querySelector("link[data-plain]");
  return new Tab({
    title: document.title,
    setTitle: (title) => {
      document.title = title;
    },
    setIcon: (name) => icon?.setAttribute("href", icon.dataset[name]),
  });
}

export const tab = globalThis.document ? pageTab() : null;
