// People whom the user ignores: their messages fold to one line (css/ignored.css), and do not notify.

class Ignoring {
  constructor() {
    this.ids = new Set(JSON.parse(document.querySelector("[data-ignored]").dataset.ignored));
    this.line = document.querySelector('[data-template="ignored"]').content.firstElementChild;
    this.form = document.querySelector("[data-ignore]");
    this.form.addEventListener("submit", (event) => this.#submit(event));
    document.addEventListener("click", (event) => this.#clicked(event));
  }

  has(id) {
    return this.ids.has(id);
  }

  // Ignore a person, or stop.
  async change(id, on) {
    const { send } = await import('./ignore.js');
    const ids = await send(this.form, id, on);
    if (!ids) return;
    this.ids = new Set(ids);
    for (const row of document.querySelectorAll(`.message[data-author="${id}"]`)) this.mark(row);
    for (const row of document.querySelectorAll(`.person[data-id="${id}"]`)) this.markPerson(row);
  }

  // Fold or unfold the row of a message by its author.
  mark(row) {
    const ignored = this.has(Number(row.dataset.author));
    row.classList.toggle("ignored", ignored);
    const line = row.querySelector(".ignored-line");
    if (ignored && !line) {
      row.prepend(this.line.cloneNode(true));
      row.querySelector(".ignored-line a").href = row.querySelector(".when").href;
    } else if (!ignored) line?.remove();
  }

  markPerson(row, name = row.querySelector(".person-name").textContent) {
    const button = row.querySelector(".ignore");
    const ignored = this.has(Number(row.dataset.id));
    button.formAction = `/people/${row.dataset.id}/ignore/`;
    button.value = ignored ? "0" : "1";
    button.querySelector(".ignore-words").textContent = ignored ? "Stop ignoring" : "Ignore";
    button.querySelector(".person-named").textContent = ` ${name}`;
  }

  #submit(event) {
    event.preventDefault();
    const row = event.submitter.closest("[data-id]");
    this.change(Number(row.dataset.id), event.submitter.value === "1");
  }

  // Show the folded messages of one line.
  #clicked(event) {
    const row = event.target.closest("[data-show-ignored]")?.closest(".message");
    if (!row || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    for (let one = row; one?.matches(".message.ignored"); one = one.nextElementSibling) one.classList.add("shown");
    row.querySelector(".when").focus(); // the link that had the focus is hidden
  }
}

export const ignoring = new Ignoring();
