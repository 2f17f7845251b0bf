from django.conf import settings
from django.urls import path

from . import consumers

consumer = {"talk": consumers.Talk, "saved": consumers.Saved}[settings.CONSUMER]
websocket_urlpatterns = [path("ws/chat/<room>/", consumer.as_asgi())]
