"""WebSocket clients for the protocols of the contestants. Each does what a browser would do, and no more."""

from .client import Client
from .lobby_tab import LobbyTab
from .obrolan import Obrolan
from .peers import Json, SocketIO

PROTOCOLS: dict[str, type[Client]] = {"json": Json, "socketio": SocketIO, "obrolan": Obrolan}

__all__ = ["PROTOCOLS", "Client", "Json", "LobbyTab", "Obrolan", "SocketIO"]
