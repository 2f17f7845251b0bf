// A short confirmation above the composer, also for screen readers.

const SHOWN_FOR = 2_500; // milliseconds
const SHOWN_WITH_ACTION = 10_000;

let line = null;
let timer = 0;

// `action`, if given: { label, act }, for a button.
export function toast(text, template, action = null) {
  if (!line) {
    line = template("toast").content.firstElementChild.cloneNode(true);
    document.querySelector("main").append(line);
  }
  clearTimeout(timer);
  if (!line.matches(":popover-open")) line.showPopover();
  line.textContent = text;
  if (action) line.append(" ", button(action));
  timer = setTimeout(hide, action ? SHOWN_WITH_ACTION : SHOWN_FOR);
}

function button({ label, act }) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "undo";
  element.textContent = label;
  element.addEventListener("click", () => {
    hide();
    act();
  });
  return element;
}

function hide() {
  clearTimeout(timer);
  line.hidePopover();
  line.textContent = "";
}
