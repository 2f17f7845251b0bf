// The page for a new conversation: finds people while a name is typed. Without scripts the form does.

const ASK_AFTER = 200; // milliseconds without another key

const form = document.querySelector("[data-find]");
const found = document.querySelector("[data-found]");
let timer = 0;
let asked = 0;

form?.elements.q.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(find, ASK_AFTER);
});

async function find() {
  const number = (asked += 1);
  const query = new URLSearchParams(new FormData(form));
  try {
    const response = await fetch(`${form.action}?${query}`);
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const now = page.querySelector("[data-found]");
    if (now && number === asked) found.replaceChildren(...now.childNodes);
  } catch {
    // offline: the button of the form says so
  }
}
