"""A parser for WebSocket frames of clients that arrive in one piece (RFC 6455, 5.2)."""

TEXT, PONG = 0x81, 0x8A  # the first byte of a final frame
MASKED = 0x80
LENGTH_FOLLOWS = 126  # in place of the length: the next two bytes have it


def whole_payload(data: bytes) -> bytes | None:
    """The payload if `data` is exactly one final, masked frame: a text of less than 64 KiB, or a pong."""
    if len(data) < 6 or data[0] not in (TEXT, PONG):
        return None
    length, begin = data[1] - MASKED, 6
    if length == LENGTH_FOLLOWS and data[0] == TEXT:
        length, begin = int.from_bytes(data[2:4]), 8
        if length < LENGTH_FOLLOWS:  # not the shortest form
            return None
    elif length >= LENGTH_FOLLOWS:
        return None
    return unmasked(data[begin:], data[begin - 4 : begin]) if length == len(data) - begin else None


def unmasked(payload: bytes, mask: bytes) -> bytes:
    """Apply the mask (RFC 6455, 5.3) to all bytes at once, as numbers."""
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(key, "little")).to_bytes(size, "little")
