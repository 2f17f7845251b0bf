"""The benchmark cases, and the ratios that Obrolan has to reach in them."""

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
    processes: int = 1
    rounds: int = 3
    seconds: float = 3.0
    warm_up: float = 1.5  # seconds


FULL = (
    Case("a", "200 sockets in one room", ALL, in_flight=(1, 10, 50, 200)),
    Case("two", "Two people, one message at a time", ALL, sockets=2),
    Case("b", "1,000 sockets in 50 rooms", ALL, sockets=1_000, rooms=50, in_flight=(50,)),
    Case("c1", "Stored and acknowledged messages: one room, 50 readers, 50 in flight", STORING,
         sockets=50, in_flight=(50,)),
    Case("c100", "Stored and acknowledged messages: 100 rooms, 500 readers, 100 in flight", STORING,
         sockets=500, rooms=100, in_flight=(100,)),
    Case("d", "Opening 2,000 sockets in 50 rooms",
         ("obrolan", "tutorial_pubsub", "flask_gevent", "socketio_node", "ws_node"), "open", 2_000, 50),
    Case("d2", "2,000 sockets reconnect at once, 100 changes behind", ("obrolan",), "resume", 2_000, 50),
    Case("e", "5,000 idle sockets in 50 rooms",
         ("obrolan", "tutorial_pubsub", "flask_gevent", "socketio_node", "ws_node"), "idle", 5_000, 50,
         rounds=2, seconds=12.0, warm_up=5.0),
    Case("f1", "One process, 200 sockets in one room", ("obrolan",), in_flight=(50,)),
    Case("f2", "Two processes", ("obrolan",), in_flight=(50,), processes=2),
    Case("f4", "Four processes", ("obrolan",), in_flight=(50,), processes=4),
)  # fmt: skip

QUICK_CONTESTANTS = ("obrolan", "tutorial_pubsub", "flask_gevent", "ws_node")
QUICK = tuple(
    replace(case, rounds=2, seconds=1.5, warm_up=1.0, **changes)
    for case, changes in (
        (FULL[0], {"contestants": QUICK_CONTESTANTS, "in_flight": (1, 50)}),
        (FULL[1], {"contestants": STORING}),
        (FULL[3], {}),
        (FULL[5], {"contestants": QUICK_CONTESTANTS[:2], "sockets": 500}),
    )
)


@dataclass(frozen=True)
class Target:
    """A bound on the ratio of Obrolan's figure to another contestant's, both from the same run."""

    title: str
    case: str
    metric: str  # deliveries, posts, median_ms, cpu_each, pss_each
    against: str
    bound: float
    at_least: bool = True
    in_flight: int = 1
    our_case: str = ""  # if Obrolan's figure comes from another case
    cores: int = 1  # with fewer, the ratio proves nothing

    def is_reached(self, ratio: float) -> bool:
        return ratio >= self.bound if self.at_least else ratio <= self.bound


TARGETS = (
    Target("Deliveries/s, 50 in flight, against the Channels tutorial (pub/sub)", "a", "deliveries",
           "tutorial_pubsub", 40, in_flight=50),
    Target("Deliveries/s, 50 in flight, against Flask-SocketIO with gevent", "a", "deliveries",
           "flask_gevent", 3, in_flight=50),
    Target("Deliveries/s, 50 in flight, against bare `ws` on Node, which stores nothing", "a", "deliveries",
           "ws_node", 2.5, in_flight=50),
    Target("Median latency, 1 in flight, 200 sockets, against the Channels tutorial", "a", "median_ms",
           "tutorial_pubsub", 0.5, at_least=False),
    Target("Median latency for two people, against the tutorial with a database", "two", "median_ms",
           "tutorial_saved", 1.5, at_least=False),
    Target("Stored posts/s, 50 readers, 50 in flight, against the tutorial with a database", "c1", "posts",
           "tutorial_saved", 12, in_flight=50),
    Target("CPU per opened socket, against the Channels tutorial", "d", "cpu_each", "tutorial_pubsub", 1,
           at_least=False),
    Target("Memory per idle socket, against the Channels tutorial", "e", "pss_each", "tutorial_pubsub", 0.8,
           at_least=False),
    Target("Deliveries/s with four processes, against one", "f1", "deliveries", "obrolan", 3, in_flight=50,
           our_case="f4", cores=6),  # four servers, the load generator, and PostgreSQL with Redis
)  # fmt: skip
