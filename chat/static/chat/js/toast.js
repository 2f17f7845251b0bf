// A short confirmation above the composer, also for screen readers.

const SHOWN_FOR = 2_500; // milliseconds

let line = null;
let timer = 0;

export function toast(text, template) {
  if (!line) {
    line = template("toast").content.firstElementChild.cloneNode(true);
    document.querySelector("main").append(line);
  }
  clearTimeout(timer);
  if (!line.matches(":popover-open")) line.showPopover();
  line.textContent = text;
  timer = setTimeout(() => {
    line.hidePopover();
    line.textContent = "";
  }, SHOWN_FOR);
}
