"""Events as JSON: each is encoded once, and joined with others into frames."""

from __future__ import annotations

import msgspec

from .protocol import SENT_CHARACTERS, Event

_encode = msgspec.json.Encoder().encode


def encode(event: Event) -> str:
    """One event as JSON text. `pack` joins several into frames."""
    return _encode(event).decode()


def chunks(events: list[str], characters: int) -> list[list[str]]:
    """Split encoded events into runs of about `characters`, in order. A larger event is a run of its own."""
    runs: list[list[str]] = []
    size = characters
    for event in events:
        if size + len(event) > characters:
            runs.append([])
            size = 0
        runs[-1].append(event)
        size += len(event) + 1
    return runs


def array(events: list[str]) -> str:
    """Encoded events as the text of one frame: a JSON array."""
    return f"[{','.join(events)}]"


def pack(events: list[str]) -> list[str]:
    """The texts of the frames for these encoded events, in order, each small enough to be sent."""
    return [array(run) for run in chunks(events, SENT_CHARACTERS)]
