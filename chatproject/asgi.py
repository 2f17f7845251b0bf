"""One ASGI application: pages by Django, sockets by `chat.live`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")

from django.core.asgi import get_asgi_application

pages = get_asgi_application()  # sets Django up: what follows may import models

from channels.routing import ProtocolTypeRouter  # noqa: E402

from chat.checks import refuse_unsafe_start  # noqa: E402
from chat.live.routing import sockets  # noqa: E402

refuse_unsafe_start()
application = ProtocolTypeRouter({"http": pages, "websocket": sockets})
