"""Time zones: pages show times in the browser's zone, which `js/times.js` puts into a cookie."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

COOKIE = "zone"
ZONES = zoneinfo.available_timezones()  # a name from outside never reaches the file system


def reader_zone(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: activates the reader's time zone. The first page of a first visit uses the server's."""

    def respond(request: HttpRequest) -> HttpResponse:
        name = request.COOKIES.get(COOKIE, "")
        with timezone.override(zoneinfo.ZoneInfo(name) if name in ZONES else None):
            return get_response(request)

    return respond
