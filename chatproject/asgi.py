"""The ASGI application: Django serves the pages, `chat.live` the WebSockets."""

import os
from contextlib import suppress

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")

from django.core.asgi import get_asgi_application

django_pages = get_asgi_application()  # sets up Django: the following imports need the models

from channels.routing import ProtocolTypeRouter  # noqa: E402
from django.core.exceptions import RequestAborted  # noqa: E402

from chat.checks import exit_on_errors  # noqa: E402
from chat.live.process import Process  # noqa: E402
from chat.live.sockets.routing import sockets  # noqa: E402
from chat.views.load_shedding import LoadShedding  # noqa: E402
from chat.views.rate_limits import RateLimits  # noqa: E402

from . import memory  # noqa: E402

exit_on_errors()
memory.tune()

pages = RateLimits(LoadShedding(django_pages))
protocols = ProtocolTypeRouter({"http": pages, "websocket": sockets})


async def application(scope, receive, send) -> None:
    """The first request starts the process's connection to the channel layer: pages publish events too."""
    Process.current()
    with suppress(RequestAborted):  # Django raises it when the client disconnects as its page is done
        await protocols(scope, receive, send)
