"""Time zones: pages show times in the person's own, or else in the browser's, which `js/page.js` stores in a
cookie. A person's language is activated with it.
"""

import zoneinfo
from collections.abc import Awaitable, Callable

from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from chat.actions.profile import TIME_ZONES  # a name from a cookie never reaches the file system

COOKIE = "zone"


class TimeZone:
    """Django middleware. The first page of a first visit uses the server's time zone."""

    async_capable, sync_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponse]]) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.COOKIES.get(COOKIE, "")
        zone = zoneinfo.ZoneInfo(name) if name in TIME_ZONES else None
        with timezone.override(zone), translation.override(settings.LANGUAGE_CODE):
            return await self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> None:
        """`SiteBans` has loaded the user of pages that show something. No query is made here."""
        user = getattr(request, "_cached_user", None)
        if user is None or not user.is_authenticated:
            return
        if user.time_zone in TIME_ZONES:
            timezone.activate(zoneinfo.ZoneInfo(user.time_zone))
        if user.language:
            translation.activate(user.language)
