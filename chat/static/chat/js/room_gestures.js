// The gestures on rooms in a list: they open the menu of a room, or drag it to another place. The modules that do this
// are loaded at the first gesture.

const LONG_PRESS = 500; // milliseconds
const MOVED = 10; // pixels after which a press is a scroll

export function listenForGestures(root) {
  let press = null; // { timer, x, y }
  let order = null; // room_order.js, loaded before a drag can begin
  const stop = () => clearTimeout(press?.timer);

  const openMenu = async (row) => {
    stop();
    const menu = await import('./room_menu.js').catch(() => null);
    if (menu) menu.openMenu(row, root);
    else location.assign(row.querySelector(".room-more").href);
  };
  const handlers = {
    click(event, row) {
      if (!event.target.closest(".room-more") || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      openMenu(row);
    },
    keydown(event, row) {
      if (event.key !== "ContextMenu" && !(event.key === "F10" && event.shiftKey)) return;
      event.preventDefault();
      openMenu(row);
    },
    // After a long press on Android, and with button 0 for the key of the menu. A right click opens the browser's menu.
    contextmenu(event, row) {
      if (event.pointerType === "touch") openMenu(row);
      if (event.pointerType === "touch" || event.button === 0) event.preventDefault();
    },
    pointerdown({ pointerType, isPrimary, clientX, clientY }, row) {
      stop();
      if (pointerType !== "touch" || !isPrimary) return;
      press = { timer: setTimeout(() => openMenu(row), LONG_PRESS), x: clientX, y: clientY };
    },
    dragstart: (event, row) => order?.drag(row),
  };
  for (const [type, handle] of Object.entries(handlers)) {
    root.addEventListener(type, (event) => {
      const row = event.target.closest(".room-row");
      if (row && !row.querySelector(".room-more").hidden) handle(event, row);
    });
  }
  if (root.dataset.rooms) root.addEventListener("pointerover", loadOrder, { once: true }); // not in the lobby
  root.addEventListener("pointermove", ({ clientX, clientY }) => {
    if (press && Math.hypot(clientX - press.x, clientY - press.y) > MOVED) stop();
  });
  for (const type of ["pointerup", "pointercancel"]) root.addEventListener(type, stop);

  async function loadOrder() {
    order = await import('./room_order.js').catch(() => null); // offline nothing can be stored
  }
}
