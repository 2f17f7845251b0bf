"""The parameter `before` of pages that list the newest rows first."""

from django.http import Http404, HttpRequest

MAX_DIGITS = 18  # of an id


def before(request: HttpRequest) -> int | None:
    """The id after which the page begins. Raises Http404."""
    id = request.GET.get("before")
    if id is None:
        return None
    if not (id.isascii() and id.isdigit() and len(id) <= MAX_DIGITS):
        raise Http404
    return int(id)
