"""The basis of all frames: the version, limits, close codes, types of fields, and the base structs."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

PROTOCOL = 2
FRAME_BYTES = 16 * 1024  # the largest frame that a client may send
SENT_CHARACTERS = 30_000  # in one frame of the server, at up to 4 bytes each; the limit is 256 KiB
WATCHED = 100  # rooms that one page may list

CLOSE_PROTOCOL = 4400
CLOSE_SIGN_IN = 4401
CLOSE_BANNED = 4403
CLOSE_NO_ROOM = 4404
CLOSE_SILENT = 4408
CLOSE_TOO_MANY = 4409
CLOSE_FLOOD = 4429
CLOSE_RESTART = 4012

MAX_NUMBER = 2**53 - 1  # what a JavaScript number holds exactly

Number = Annotated[int, Meta(ge=0, le=MAX_NUMBER)]
Slug = Annotated[str, Meta(min_length=1, max_length=80)]
Reference = Annotated[str, Meta(min_length=1, max_length=64)]  # chosen by the client, for one command


class Command(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """A frame of a client."""


class Event(Struct, frozen=True, tag_field="type"):
    """A message of the server. A frame has one or more."""
