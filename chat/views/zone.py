"""Times in the reader's own zone, which the browser tells us in a cookie (`js/times.js`)."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

COOKIE = "zone"
ZONES = zoneinfo.available_timezones()  # a name from outside never reaches the file system


def reader_zone(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: the zone of the request. The first page of a first visit is in the server's zone."""

    def respond(request: HttpRequest) -> HttpResponse:
        name = request.COOKIES.get(COOKIE, "")
        with timezone.override(zoneinfo.ZoneInfo(name) if name in ZONES else None):
            return get_response(request)

    return respond
