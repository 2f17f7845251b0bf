"""No more pages at once than the database can serve, and none that hangs: what cannot be served is a 503."""

import logging
from collections.abc import Awaitable, Callable

from asgiref.sync import markcoroutinefunction
from django.db.utils import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

# Pages being rendered in one process. Ten at a time have a database connection; the others wait up to 3 s.
PAGES_AT_ONCE = 60
RETRY_AFTER = 2  # seconds

logger = logging.getLogger(__name__)


class LoadShedding:
    async_capable, sync_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponse]]) -> None:
        self.get_response = get_response
        self.pages = 0
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        if self.pages >= PAGES_AT_ONCE:
            return come_back_later()
        self.pages += 1
        try:
            return await self.get_response(request)
        finally:
            self.pages -= 1

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        logger.warning("%s was not served: %s", request.path, str(exception).strip())
        return come_back_later()


def come_back_later() -> HttpResponse:
    """Without a look at who asks: that would need the database."""
    page = render_to_string("503.html")
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER)})
