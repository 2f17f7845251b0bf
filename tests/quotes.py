"""The client's half of quotes: a reply's quote follows the message that it answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chat.mention_tokens import as_text
from chat.text import excerpt

Message = dict[str, Any]  # a `message` event


def quote_of(original: Message) -> Message:
    """The quote above replies to this message."""
    is_deleted = original["deleted"]
    return {
        "seq": original["seq"],
        "author": original["author"],
        "text": "" if is_deleted else excerpt(as_text(original["text"], original.get("mentions", {}))),
        "deleted": is_deleted,
        "hidden": original["hidden"],
    }


def update_quotes(messages: Mapping[int, Message], original: Message) -> None:
    """Show the new state of `original` in the replies to it. A deleted reply has no quote."""
    for message in messages.values():
        if message["reply_to"] == original["seq"] and not message["deleted"]:
            message["quote"] = quote_of(original)
