"""The contestants: the chat servers that the benchmark compares, by name."""

from .builds import ROOT, node
from .contestant import Contestant, Environment
from .obrolan import OBROLAN, obrolan_variables, sessions, with_gauges
from .peers import PICOWS_BARE, flask_socketio, node_script, tutorial

CONTESTANTS = {
    contestant.name: contestant
    for contestant in (
        OBROLAN,
        flask_socketio("threading"),
        flask_socketio("gevent"),
        tutorial("core"),
        tutorial("pubsub"),
        tutorial("pubsub", saved=True),
        node_script("socketio_node", "Socket.IO on Node, Redis adapter", "socketio"),
        node_script("ws_node", "bare `ws` on Node", "json"),
        PICOWS_BARE,
    )
}

__all__ = [
    "CONTESTANTS",
    "OBROLAN",
    "ROOT",
    "Contestant",
    "Environment",
    "node",
    "obrolan_variables",
    "sessions",
    "with_gauges",
]
