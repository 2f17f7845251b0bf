// Gives the page of a room its new address: the room was made private. Another room may take the old address, so every
// URL is updated. Loaded when it happens.

import { addressOf, page, part, place, template } from './room_details.js';

export function moveTo(slug, { connection, pager, status }) {
  const before = place.address;
  const moved = (path) => path.replace(before, place.address);
  Object.assign(place, { slug, address: addressOf(slug) });
  connection.url = new URL(`/ws${place.address}`, connection.url).href;
  pager.url = `${place.address}messages/`;
  status.address = place.address;
  page.dataset.room = slug;
  place.path = moved(location.pathname);
  history.replaceState(history.state, "", place.path + location.search);
  part("composer").action = place.address;
  for (const root of [document, template("message").content]) {
    for (const link of root.querySelectorAll(".when[href], .quote[href], .room-head a[href], .more-people a")) {
      link.setAttribute("href", moved(link.getAttribute("href")));
    }
  }
}
