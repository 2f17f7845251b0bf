// Opens the room at the linked message, or at the line above the unread ones if it is out of view. A classic script in
// the head: the parser runs `connectedCallback` before the first paint, so the reader sees no jump.

const ABOVE = 0.15; // share of the view that shows messages above the line

customElements.define(
  "opening-place",
  class extends HTMLElement {
    connectedCallback() {
      const scroller = document.querySelector("[data-scroller]");
      const view = scroller.getBoundingClientRect();
      const target = scroller.querySelector(".message.target");
      const line = scroller.querySelector("[data-unread-line]");
      if (target) {
        const { top, height } = target.getBoundingClientRect();
        scroller.scrollTop += top - view.top - Math.max(0, (view.height - height) / 2);
      } else if (line && line.getBoundingClientRect().top < view.top) {
        scroller.scrollTop += line.getBoundingClientRect().top - view.top - view.height * ABOVE;
      }
    }
  },
);
