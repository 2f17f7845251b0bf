"""Frames that are read without Autobahn's parser, compared with the parser of `websockets`."""

import os
import random

import pytest
from websockets.exceptions import ProtocolError
from websockets.frames import Frame, Opcode

from chat.live.server.small_frames import whole_payload

SIZES = [0, 1, 3, 4, 5, 100, 125, 126, 127, 128, 1_000, 65_535]
LONGEST = 65_535  # bytes
BINARY_FORMS = 2_000


def parsed(data):
    """The only frame in these bytes, or None. The parser asks for the bytes that it needs."""
    rest = data

    def read(count):
        nonlocal rest
        if count > len(rest):
            raise ProtocolError("incomplete")
        part, rest = rest[:count], rest[count:]
        return part
        yield  # a generator, as the parser expects

    try:
        next(Frame.parse(read, mask=True))
    except StopIteration as done:
        frame = done.value
    except ProtocolError:
        return None
    is_small = frame.fin and frame.opcode in (Opcode.TEXT, Opcode.PONG) and len(frame.data) <= LONGEST
    return frame.data if is_small and not rest and not (frame.rsv1 or frame.rsv2 or frame.rsv3) else None


@pytest.mark.parametrize(
    "opcode, size",
    [
        (opcode, size)
        for opcode in (Opcode.TEXT, Opcode.PONG)
        for size in SIZES
        if opcode is Opcode.TEXT or size < 126
    ],
)
def test_a_whole_frame_is_read(opcode, size):
    payload = os.urandom(size)
    data = Frame(opcode, payload).serialize(mask=True)
    assert whole_payload(data) == payload
    assert whole_payload(data[:-1]) is None and whole_payload(data + b"\x81") is None


def test_any_bytes_are_read_as_another_parser_reads_them_or_left_to_autobahn():
    chosen = random.Random(7)
    for _ in range(BINARY_FORMS):
        data = bytearray(Frame(Opcode.TEXT, chosen.randbytes(chosen.choice(SIZES[:-1]))).serialize(mask=True))
        for _ in range(chosen.randint(0, 2)):
            data[chosen.randrange(min(len(data), 5))] = chosen.randrange(256)
        assert whole_payload(bytes(data)) == parsed(bytes(data))


@pytest.mark.parametrize(
    "header", [b"\x81\xfe\x00\x7d", b"\x81\xff" + bytes(7) + b"\x01", b"\x8a\xfe\x00\x7e"]
)
def test_unusual_lengths_are_left_to_autobahn(header):
    for size in (0, 1, 125, 126, 127):
        assert whole_payload(header + bytes(4) + bytes(size)) is None
