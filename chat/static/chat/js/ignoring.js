// People whom the user ignores: their messages fold to one line (css/ignored.css), and do not notify. The rest is in
// ignore.js.

const page = document.querySelector("[data-ignored]");

class Ignoring {
  constructor() {
    this.ids = new Set(JSON.parse(page.dataset.ignored));
    addEventListener("click", (event) => event.target.closest("[data-show-ignored]") && this.#show(event));
  }

  has(id) {
    return this.ids.has(id);
  }

  // Fold or unfold the row of a message by its author.
  mark(row) {
    const ignored = this.has(Number(row.dataset.author));
    const line = row.querySelector(".ignored-line");
    row.classList.toggle("ignored", ignored);
    if (!ignored) line?.remove();
    else if (!line) row.prepend(document.querySelector('[data-template="ignored"]').content.cloneNode(true));
  }

  async #show(event) {
    if (event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const module = await import('./ignore.js').catch(() => null); // offline: the page says so
    module?.show(event);
  }
}

export const ignoring = new Ignoring();
