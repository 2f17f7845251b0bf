"""Decoding and validation of the frames that a client sends."""

import msgspec

from chat import frames
from chat.refusals import Refusal


class Reference(msgspec.Struct):
    """Only the `id` of a command: it can be decoded even if the rest of the frame is invalid."""

    id: str | None = None


decode_reference = msgspec.json.Decoder(Reference).decode


def decode(text: str | None) -> frames.AnyCommand:
    """Decode and validate a frame. Raises Refusal: malformed, too_big."""
    if text is None:
        raise Refusal("malformed", detail="frames are text")
    if len(text) > frames.FRAME_BYTES or (not text.isascii() and len(text.encode()) > frames.FRAME_BYTES):
        raise Refusal("too_big")
    try:
        return frames.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Refusal("malformed", detail=str(error)) from None


def reference_of(text: str | None) -> str | None:
    """The `id` of a frame, even of a malformed one."""
    try:
        return (decode_reference(text or "{}").id or "")[:64] or None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
