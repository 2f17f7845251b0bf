"""`/emoji.json`: the emoji to choose from, for the picker and for shortcodes."""

from functools import cache
from gzip import compress, decompress
from hashlib import sha256
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from chat import emoji

FRESH = 24 * 60 * 60  # seconds; the list changes only with a new version of Obrolan


class Catalogue(NamedTuple):
    gzipped: bytes
    etag: str


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    found = _catalogue()
    if found.etag in request.headers.get("If-None-Match", ""):
        response: HttpResponse = HttpResponseNotModified()
    elif "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(found.gzipped, content_type="application/json")
        response["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(decompress(found.gzipped), content_type="application/json")
    response["ETag"] = found.etag
    response["Cache-Control"] = f"public, max-age={FRESH}"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


@cache
def _catalogue() -> Catalogue:
    """Built at the first request, which takes 50 ms. Two first requests at once may both build it."""
    content = emoji.catalogue()
    return Catalogue(compress(content, mtime=0), f'W/"{sha256(content).hexdigest()[:16]}"')
