"""Pictures for the tests, good ones and bad ones."""

import struct
import zlib
from io import BytesIO

from PIL import Image

RED, BLUE = (200, 30, 40), (20, 60, 200)


def picture(format="PNG", size=(300, 200), colour=RED, **options) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, format, **options)
    return file.getvalue()


def animation() -> bytes:
    file = BytesIO()
    frames = [Image.new("RGB", (40, 40), colour) for colour in (RED, BLUE)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


def photo_on_its_side() -> bytes:
    """Red above blue, stored turned, with a GPS position and a comment."""
    shown = Image.new("RGB", (200, 200), RED)
    shown.paste(BLUE, (0, 100, 200, 200))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    exif[0x010E] = "SECRET PLACE"
    file = BytesIO()
    shown.transpose(Image.Transpose.ROTATE_90).save(file, "JPEG", exif=exif, comment=b"SECRET PLACE")
    return file.getvalue()


def bomb(width=60_000, height=60_000) -> bytes:
    """A PNG of a few kilobytes that would be decoded to gigabytes."""
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def text_bomb() -> bytes:
    """A small PNG with a compressed text of 200 MB."""
    plain = picture()
    text = b"Comment\0\0" + zlib.compress(b"a" * 200_000_000, 9)
    return plain[:33] + _chunk(b"zTXt", text) + plain[33:]


def huge_exif() -> bytes:
    plain = picture("PNG")
    return plain[:33] + _chunk(b"eXIf", b"MM\0*\0\0\0\x08" + b"\xff" * 3_000_000) + plain[33:]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
BAD = {  # name → (file, code of the refusal)
    "nothing": (b"", "picture_missing"),
    "a text": (b"hello" * 100, "picture_unreadable"),
    "SVG": (SVG, "picture_unreadable"),
    "HTML that begins like a GIF": (b"GIF89a" + b"<script>alert(1)</script>" * 9, "picture_unreadable"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "picture_unreadable"),
    "TIFF": (picture("TIFF"), "picture_unreadable"),
    "BMP": (picture("BMP"), "picture_unreadable"),
    "ICO": (picture("ICO", size=(32, 32)), "picture_unreadable"),
    "a truncated PNG": (picture("PNG", size=(900, 900))[:300], "picture_unreadable"),
    "a truncated JPEG": (picture("JPEG", size=(900, 900))[:2_000], "picture_unreadable"),
    "a truncated WebP": (picture("WEBP", size=(900, 900))[:60], "picture_unreadable"),
    "a bomb": (bomb(), "picture_too_large"),
    "a long and narrow bomb": (bomb(2_000_000, 9), "picture_too_large"),
    "a bomb in a text": (text_bomb(), "picture_unreadable"),
    "too many bytes": (picture() + b"\0" * 5 * 1024 * 1024, "picture_too_big"),
    "a JPEG of 30 million pixels": (picture("JPEG", size=(6_000, 5_000)), "picture_too_large"),
}
