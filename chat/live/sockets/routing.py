"""The URL paths of the sockets, behind the check of their origin."""

from channels.routing import URLRouter
from django.urls import path

from .lobby import LobbySocket
from .origin import SameOrigin
from .room import RoomSocket

sockets = SameOrigin(
    URLRouter(
        [
            path("ws/lobby/", LobbySocket.as_asgi()),
            path("ws/rooms/<str:slug>/", RoomSocket.as_asgi()),
        ]
    )
)
