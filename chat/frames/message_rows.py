"""Rows of messages, of held messages and of their authors → events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, UnsetType

from chat.mention_tokens import as_text, with_names
from chat.text import excerpt

from .states import Held, MessageState, Quote, User

if TYPE_CHECKING:
    from chat.models import HeldMessage, Message
    from chat.models import User as UserRow

_decode_names = msgspec.json.Decoder(dict[str, str]).decode


def user(row: UserRow) -> User:
    return User(id=row.pk, name=row.name, guest=row.is_guest, avatar=row.avatar or UNSET)


def person(id: int, name: str, is_guest: bool, picture: str) -> User:
    """The columns of a user that `user` reads."""
    return User(id=id, name=name, guest=is_guest, avatar=f"{id}-{picture}" if picture else UNSET)


def message(row: Message) -> MessageState:
    """The state that every reader of the room may see. A deleted message keeps its place but not its text."""
    deleted = row.deleted_at is not None
    named = not deleted and (row.mentions or row.mention_names)
    names = _names(row.mention_names) if named else {}
    return MessageState(
        seq=row.seq,
        rev=row.rev,
        client_id=str(row.client_id),
        author=user(row.author),
        text="" if deleted else row.text,
        html="" if deleted else with_names(row.html, names),
        reply_to=row.reply_to,
        created_at=row.created_at,
        edited_at=row.edited_at,
        deleted=deleted,
        hidden=deleted and row.deleted_by_id != row.author_id,
        reactions={} if deleted else row.ordered_reactions(),
        quote=UNSET if row.reply_to is None or deleted else quote(row),
        mentions=names or UNSET,
        mentions_all=True if row.mentions_all and not deleted else UNSET,
        pinned=True if row.pinned_at and not deleted else UNSET,
    )


def quote(row: Message) -> Quote | UnsetType:
    """The quote above a reply."""
    original = row.original
    if original is None:  # removed for good
        return UNSET
    deleted = original.deleted_at is not None
    names = _names(row.quoted_names or original.mention_names)  # the latter in the transaction of a change
    return Quote(
        seq=original.seq,
        author=person(original.author.pk, original.author.name, original.author.is_guest, picture=""),
        text="" if deleted else excerpt(as_text(original.text, names)),
        deleted=deleted,
        hidden=deleted and original.deleted_by_id != original.author_id,
    )


def held(row: HeldMessage) -> Held:
    """A held message for its author."""
    is_gone = row.told_at is not None
    return Held(
        id=str(row.client_id),
        text="" if is_gone else row.text,
        cause="" if is_gone else row.cause,
        refused=row.decided_at is not None and not is_gone,
        answer="" if is_gone else row.answer,
        reply_to=UNSET if is_gone or row.reply_to is None else row.reply_to,
        gone=is_gone,
    )


def _names(encoded: str | None) -> dict[str, str]:
    return _decode_names(encoded) if encoded else {}
