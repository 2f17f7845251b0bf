"""The task of the load generator."""

from __future__ import annotations

import msgspec


class Spec(msgspec.Struct, forbid_unknown_fields=True):
    scenario: str  # a key of bench.load.SCENARIOS
    protocol: str  # a key of bench.clients.PROTOCOLS
    ports: list[int]
    rooms: list[str]
    sockets: int
    in_flight: tuple[int, ...] = (1,)
    rate: float = 1.0  # messages a second in each room, in an open loop
    tabs: int = 0  # in the lobby
    listed: int = 50  # rooms that each of these tabs lists
    all_rooms: int = 0  # the rooms among which the tabs have their own
    reads: bool = False  # each client says what it has read, as a page in view does
    warm_up: float = 1.0  # seconds
    seconds: float = 3.0  # of each measurement
    behind: int = 100  # changes that a reconnecting client has missed
    sessions: str = ""  # a file of Cookie headers, one per line
    gauges: str = ""  # a file of bench.gauges
    postgres: str = ""  # URLs of the services whose counters are read
    valkey: str = ""
    server: tuple[int, ...] = ()  # roots of process trees
    services: tuple[int, ...] = ()  # roots of process trees; PostgreSQL comes first
    cores: tuple[int, ...] = ()
