"""A web process in which some requests and renders never end: `python -m tests.live.hanging PORT`.

/sleeps/   a view that blocks its thread
/waits/    a view that waits on the event loop while a thread waits for the view
/blocks/   a view that blocks the event loop itself
"hang"     a message whose rendering never ends
"""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import async_only_middleware

FOREVER = 3_600  # seconds


@async_only_middleware
def hang(get_response: Callable[[HttpRequest], Awaitable[HttpResponse]]):
    async def respond(request: HttpRequest) -> HttpResponse:
        if request.path == "/sleeps/":
            await asyncio.to_thread(time.sleep, FOREVER)
        elif request.path == "/waits/":
            await asyncio.sleep(FOREVER)
        elif request.path == "/blocks/":
            time.sleep(FOREVER)
        return await get_response(request)

    return respond


def main(port: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatproject.settings"
    from django.conf import settings
    from django.core.management import execute_from_command_line

    from chat import text

    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.live.hanging.hang"]
    render = text.render
    text.render = lambda source: time.sleep(FOREVER) if source == "hang" else render(source)
    execute_from_command_line(["manage.py", "serve", "--port", port])


if __name__ == "__main__":
    main(sys.argv[1])
