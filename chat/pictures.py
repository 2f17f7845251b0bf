"""Pictures of people: an uploaded file becomes two small WebP files, and nothing of the upload is kept.

Decoders are the part of a server that strangers attack. So the format and the size are read from the header
before anything is decoded, one picture is decoded at a time, and only the pixels go on: no EXIF, no colour
profile, no animation, and nothing that a file in two formats could hide.
"""

from hashlib import blake2b
from io import BytesIO
from threading import BoundedSemaphore
from typing import NamedTuple

from PIL import Image, ImageOps

from .refusals import Refusal

MAX_BYTES = 5 * 1024 * 1024  # of an uploaded file
MILLION = 1_000_000
MAX_PIXELS = 9 * MILLION  # more than a 4K screen; a WebP of this size takes 145 MB to decode
MAX_JPEG_PIXELS = 25 * MILLION  # a photo of a phone; decoded smaller, in 75 MB, or 195 MB in CMYK
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
LARGE, SMALL = 256, 80  # pixels on each side; the avatar of a message has 36, on some screens 2 for each
QUALITY = 82
TIMEOUT = 5.0  # seconds to wait for the picture before
PAPER = (255, 255, 255)  # behind transparent pixels
ORIENTATION = 0x0112  # the EXIF tag
TURNS = {  # EXIF orientation → how to make the picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_decoding = BoundedSemaphore(1)  # in one process: the memory above is that of one picture


class Encoded(NamedTuple):
    large: bytes  # WebP, LARGE × LARGE
    small: bytes  # WebP, SMALL × SMALL
    hash: str


def encode(upload: bytes) -> Encoded:
    """Decode an uploaded picture, cut the square in its middle, and encode it again.

    Raises Refusal: picture_missing, picture_too_big, picture_too_large, picture_unreadable, busy.
    """
    if not upload:
        raise Refusal("picture_missing")
    if len(upload) > MAX_BYTES:
        raise Refusal("picture_too_big", limit=MAX_BYTES // 1024**2)
    if not _decoding.acquire(timeout=TIMEOUT):
        raise Refusal("busy", retry_after_ms=2_000)
    try:
        square = _square(upload)
        large = _webp(square)
        small = _webp(square.resize((SMALL, SMALL), Image.Resampling.LANCZOS))
    except Refusal:
        raise
    except Image.DecompressionBombError:
        raise Refusal("picture_too_large", limit=MAX_PIXELS // MILLION) from None
    except Exception:  # a decoder may raise anything at a broken file
        raise Refusal("picture_unreadable") from None
    finally:
        _decoding.release()
    return Encoded(large, small, blake2b(large, digest_size=8).hexdigest())


def _square(upload: bytes) -> Image.Image:
    """The middle of the picture in LARGE × LARGE pixels, upright."""
    with Image.open(BytesIO(upload), formats=FORMATS) as picture:
        is_jpeg = picture.format == "JPEG"
        limit = MAX_JPEG_PIXELS if is_jpeg else MAX_PIXELS
        if picture.width * picture.height > limit:
            raise Refusal("picture_too_large", limit=limit // MILLION)
        if is_jpeg:
            picture.draft("RGB", (2 * LARGE, 2 * LARGE))
        picture.load()  # the first frame of an animation
        turn = TURNS.get(picture.getexif().get(ORIENTATION, 1))
        cut = ImageOps.fit(_without_palette(picture), (LARGE, LARGE), Image.Resampling.BICUBIC)
    upright = Image.new("RGB", cut.size, PAPER)
    upright.paste(cut, mask=cut.getchannel("A") if "A" in cut.getbands() else None)
    return upright.transpose(turn) if turn is not None else upright


def _without_palette(picture: Image.Image) -> Image.Image:
    """The colours can be mixed when the picture is made smaller."""
    has_alpha = picture.has_transparency_data
    wanted = "RGBA" if has_alpha else "RGB"
    return picture if picture.mode == wanted else picture.convert(wanted)


def _webp(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, "WEBP", quality=QUALITY, exif=b"", icc_profile=b"", xmp=b"")
    return file.getvalue()
