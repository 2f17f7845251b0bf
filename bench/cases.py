"""The benchmark cases. bench.targets has the ratios that Obrolan has to reach in them."""

from dataclasses import dataclass, replace

ALL = (
    "obrolan", "tutorial_pubsub", "tutorial_core", "tutorial_saved", "flask_gevent", "flask_threading",
    "socketio_node", "ws_node", "picows_bare",
)  # fmt: skip
STORING = ("obrolan", "tutorial_saved")  # store each message in PostgreSQL


@dataclass(frozen=True)
class Case:
    key: str
    title: str
    contestants: tuple[str, ...]
    scenario: str = "broadcast"
    sockets: int = 200
    rooms: int = 1
    in_flight: tuple[int, ...] = (1,)  # messages
    rate: float = 1.0  # messages a second in each room, in an open loop
    behind: int = 100  # changes that a reconnecting client has missed
    tabs: int = 0  # in the lobby
    all_rooms: int = 0  # the rooms among which the tabs have their own
    reads: bool = False  # each client says what it has read
    processes: int = 1
    rounds: int = 3
    seconds: float = 3.0
    warm_up: float = 1.5  # seconds


FULL = (
    Case("a", "200 sockets in one room", ALL, in_flight=(1, 10, 50, 200)),
    Case("two", "Two people, one message at a time", ALL, sockets=2),
    Case("b", "1,000 sockets in 50 rooms", ALL, sockets=1_000, rooms=50, in_flight=(50,)),
    Case("b2", "2,000 sockets in 500 rooms of 4, a message every second in each room",
         ("obrolan", "tutorial_saved", "tutorial_pubsub", "flask_gevent", "ws_node"), "paced", 2_000, 500,
         seconds=8.0, warm_up=4.0),
    Case("c1", "Stored and acknowledged messages: one room, 50 readers, 50 in flight", STORING,
         sockets=50, in_flight=(50,)),
    Case("c100", "Stored and acknowledged messages: 100 rooms, 500 readers, 100 in flight", STORING,
         sockets=500, rooms=100, in_flight=(100,)),
    Case("d", "Opening 2,000 sockets in 50 rooms",
         ("obrolan", "tutorial_pubsub", "flask_gevent", "socketio_node", "ws_node"), "open", 2_000, 50),
    Case("d2", "2,000 sockets reconnect at once, 100 changes behind", ("obrolan",), "resume", 2_000, 50),
    Case("e", "5,000 idle sockets in 50 rooms",
         ("obrolan", "tutorial_pubsub", "flask_gevent", "socketio_node", "ws_node"), "idle", 5_000, 50,
         rounds=2, seconds=40.0, warm_up=5.0),  # access is checked every 30 s, presence written every 20 s
    Case("e2", "1,000 tabs in the lobby over 1,000 rooms, with a message every second in 50 of them",
         ("obrolan",), "lobby", 100, 50, tabs=1_000, all_rooms=1_000, rounds=2, seconds=20.0, warm_up=5.0),
    Case("f1", "One process, 200 sockets in one room", ("obrolan",), in_flight=(50,)),
    Case("f2", "Two processes", ("obrolan",), in_flight=(50,), processes=2),
    Case("f4", "Four processes", ("obrolan",), in_flight=(50,), processes=4),
    Case("m1", "One process, 2,000 sockets in 500 rooms, two messages in flight in each", ("obrolan",),
         sockets=2_000, rooms=500, in_flight=(1_000,)),
    Case("m2", "Two processes, each with a part of every room", ("obrolan",),
         sockets=2_000, rooms=500, in_flight=(1_000,), processes=2),
    Case("h", "2,000 sockets in one room", ("obrolan", "ws_node"), sockets=2_000, in_flight=(10,)),
    Case("i", "5,000 sockets come back at once in 100 rooms, 10 changes behind (the tutorial: only connect)",
         ("obrolan", "tutorial_pubsub"), "reconnect", 5_000, 100, behind=10),
)  # fmt: skip

BY_KEY = {case.key: case for case in FULL}
QUICK_CONTESTANTS = ("obrolan", "tutorial_pubsub", "flask_gevent", "ws_node")
QUICK = tuple(
    replace(BY_KEY[key], **{"rounds": 2, "seconds": 1.5, "warm_up": 1.0, **changes})
    for key, changes in (
        ("a", {"contestants": QUICK_CONTESTANTS, "in_flight": (1, 50), "rounds": 3}),
        ("two", {"contestants": STORING, "rounds": 3}),
        ("b", {"contestants": ("obrolan", "flask_gevent"), "rounds": 1}),
        ("c1", {}),
        ("d", {"contestants": QUICK_CONTESTANTS[:2]}),  # with fewer, a start of the process counts as well
    )
)
