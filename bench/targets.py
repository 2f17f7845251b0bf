"""The ratios that Obrolan has to reach in the cases."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A bound on the ratio of Obrolan's figure to another contestant's, both from the same run.

    Without `against` it is a bound on Obrolan's figure itself.
    """

    title: str
    case: str
    metric: str  # a key of the results, such as deliveries, median_ms, cpu_each
    against: str
    bound: float
    at_least: bool = True
    in_flight: int = 1
    our_case: str = ""  # if Obrolan's figure comes from another case
    cores: int = 1  # with fewer, the ratio proves nothing
    unit: str = "×"

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
    Target("Deliveries/s in 50 rooms of 20, one in flight in each, against Flask-SocketIO with gevent", "b",
           "deliveries", "flask_gevent", 2, in_flight=50),
    Target("CPU per delivery, 500 rooms of 4, a message a second each, against the tutorial with a database",
           "b2", "cpu_per_delivery", "tutorial_saved", 0.25, at_least=False),
    Target("CPU of idle sockets, against the Channels tutorial", "e", "cpu_share", "tutorial_pubsub", 1,
           at_least=False),
    Target("Slowest heartbeat with 1,000 tabs in the lobby", "e2", "heartbeat_ms", "", 100, at_least=False,
           unit="ms"),
    Target("Longest pass of the event loop with them", "e2", "pass_ms", "", 50, at_least=False, unit="ms"),
    Target("Deliveries/s in 500 rooms with two processes, against one", "m1", "deliveries", "obrolan", 1.8,
           in_flight=1_000, our_case="m2", cores=4),  # two servers, the load generator, and the services
    Target("Deliveries/s in one room of 2,000, 10 in flight, against bare `ws` on Node", "h", "deliveries",
           "ws_node", 3, in_flight=10),
    Target("CPU per socket that comes back and catches up, against one that connects to the tutorial", "i",
           "cpu_each", "tutorial_pubsub", 0.6, at_least=False),
)  # fmt: skip
