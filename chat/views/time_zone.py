"""Time zones: pages show times in the browser's time zone, which `js/page.js` stores in a cookie."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

COOKIE = "zone"
ZONES = zoneinfo.available_timezones()  # a name from a cookie never reaches the file system


GetResponse = Callable[[HttpRequest], HttpResponse]


def activate_time_zone(get_response: GetResponse) -> GetResponse:
    """Middleware that activates the user's time zone. The first page of a first visit uses the server's."""

    def respond(request: HttpRequest) -> HttpResponse:
        name = request.COOKIES.get(COOKIE, "")
        with timezone.override(zoneinfo.ZoneInfo(name) if name in ZONES else None):
            return get_response(request)

    return respond
