"""One ASGI application: pages by Django, sockets by `chat.live`."""

import os
from contextlib import suppress

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")

from django.core.asgi import get_asgi_application

django_pages = get_asgi_application()  # sets Django up: what follows may import models

from channels.routing import ProtocolTypeRouter  # noqa: E402
from django.core.exceptions import RequestAborted  # noqa: E402

from chat.checks import refuse_unsafe_start  # noqa: E402
from chat.live.process import Process  # noqa: E402
from chat.live.sockets.routing import sockets  # noqa: E402
from chat.views.load_shedding import LoadShedding  # noqa: E402
from chat.views.rate_limits import RateLimits  # noqa: E402

from . import memory  # noqa: E402

refuse_unsafe_start()
memory.tame()


pages = RateLimits(LoadShedding(django_pages))
protocols = ProtocolTypeRouter({"http": pages, "websocket": sockets})


async def application(scope, receive, send) -> None:
    """The first request of any kind starts what the process shares: pages publish what they commit, too."""
    Process.current()
    with suppress(RequestAborted):  # Django lets it out when a browser leaves just as its page is done
        await protocols(scope, receive, send)
