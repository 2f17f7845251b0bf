"""The size of a request's body. Only one page takes more than a form: the upload of a picture."""

from django.conf import settings

from chat.pictures import MAX_BYTES

PICTURE_PATH = "/accounts/profile/picture/"


def max_body(path: str) -> int:
    """Bytes. A picture comes in a form, which needs some more."""
    form = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return MAX_BYTES + form if path == PICTURE_PATH else form
