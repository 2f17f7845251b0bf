// The entries of the message menu that every room has.

import { copy } from './clipboard.js';
import { quoteOf } from './excerpt.js';
import { decode } from './mention_tokens.js';
import { toast } from './toast.js';

const FIRST = ["react", "reply", "edit", "copy", "link", "unread", "versions"];
const LAST = ["pin", "report", "moderate", "hide", "restore", "admin", "delete"];

// Entries in the order of the menu, whichever feature was registered first. Unknown ones come between.
export function inOrder(entries) {
  const place = ({ name }) => (FIRST.indexOf(name) + 1 || FIRST.length + 1) + 9 * (LAST.indexOf(name) + 1);
  return entries.toSorted((a, b) => place(a) - place(b));
}

export function ownEntries({ parts, deleting, editing, showVersions, openForm }) {
  const { template, url, admin, onUnread } = parts;
  const isOwn = (state, me) => state.author.id === me.id;
  const copied = (text, done) =>
    copy(text).then(
      () => toast(done, template),
      () => toast("The browser did not allow copying.", template),
    );
  return [
    {
      name: "reply",
      label: "Reply",
      icon: "reply",
      key: "r",
      quick: true,
      when: (state) => !state.deleted,
      act: (state) => parts.composer.reply(quoteOf(state)),
    },
    {
      name: "edit",
      label: "Edit",
      icon: "edit",
      when: (state, me) => isOwn(state, me) && !state.deleted,
      act: ({ seq }) => editing.open(seq),
    },
    {
      name: "copy",
      label: "Copy text",
      icon: "copy",
      when: (state) => !state.deleted,
      act: ({ text, mentions }) => copied(decode(text, mentions), "Text copied"),
    },
    {
      name: "link",
      label: "Copy link",
      icon: "link",
      when: (state) => !state.deleted,
      act: ({ seq }) => copied(url(seq), "Link copied"),
    },
    {
      name: "unread",
      label: "Mark unread from here",
      icon: "unread",
      when: (state) => !state.deleted,
      act: ({ seq }, row) => onUnread(seq, row),
    },
    {
      name: "versions",
      label: "Earlier versions",
      icon: "versions",
      when: (state, me) => Boolean(state.edited_at) && (!state.deleted || me.moderates),
      act: ({ seq }) => showVersions(seq),
    },
    {
      name: "pin",
      label: ({ pinned }) => (pinned ? "Unpin" : "Pin"),
      icon: "pin",
      when: (state, me) => me.moderates && !state.deleted,
      act: ({ seq, pinned }) => parts.outgoing.do({ type: "pin", seq, on: !pinned }),
    },
    {
      name: "report",
      label: "Report…",
      icon: "report",
      when: (state, me) => !me.moderates && !isOwn(state, me) && !state.hidden,
      act: ({ seq }) => openForm(`${url(seq)}report/`),
    },
    {
      name: "moderate",
      label: "Moderate…",
      icon: "moderate",
      when: (state, me) => me.moderates && !isOwn(state, me),
      act: ({ seq }) => openForm(`${url(seq)}moderate/`),
    },
    {
      name: "hide",
      label: "Hide",
      icon: "hide",
      danger: true,
      when: (state, me) => me.moderates && !isOwn(state, me) && !state.deleted,
      act: ({ seq }) => deleting.delete(seq),
    },
    {
      name: "restore",
      label: "Restore",
      icon: "restore",
      when: (state, me) => me.moderates && state.hidden,
      act: ({ seq }) => deleting.restore(seq),
    },
    {
      name: "admin",
      label: "Open in admin",
      icon: "admin",
      when: () => Boolean(admin),
      act: ({ seq }) => location.assign(admin.replace(/0\/$/, `${seq}/`)),
    },
    {
      name: "delete",
      label: "Delete",
      icon: "delete",
      danger: true,
      when: (state, me) => isOwn(state, me) && !state.deleted,
      act: ({ seq }) => deleting.delete(seq),
    },
  ];
}
