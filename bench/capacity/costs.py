"""The cost of each kind of work: seconds of CPU time, bytes and rows. bench.capacity.work counts the work."""

from __future__ import annotations

from dataclasses import dataclass

# Messages to all processes are too rare in a small run to be measured. Estimated, for each of them.
TOLD_CPU = 80e-6  # seconds
TOLD_BYTES = 250


@dataclass(frozen=True)
class Web:
    """Seconds of CPU time of the web processes."""

    post: float  # read, validate, render and commit a message, and acknowledge it
    hint: float  # receive the message from Redis in one process, and start its broadcast
    delivery: float  # send it to one socket
    read: float  # a read mark, from the frame to the row
    process: float  # a process without sockets, each second
    idle_socket: float  # an open socket, each second: checks of access, pings
    presence_row: float  # read a person who is present in a room
    list_event: float  # a change of a listed room, for one tab
    opened_socket: float
    page: float  # render the page of a room


@dataclass(frozen=True)
class Memory:
    """Bytes."""

    process: float  # without sockets
    socket: float


@dataclass(frozen=True)
class Database:
    """Seconds of CPU time of PostgreSQL."""

    post: float
    read: float  # a row, however many marks of the same reader it has
    process: float  # each second
    idle_socket: float  # each second
    presence_row: float  # read
    page: float


@dataclass(frozen=True)
class Rows:
    """Rows that PostgreSQL writes."""

    post: float
    read: float


@dataclass(frozen=True)
class Redis:
    """Seconds of CPU time of Redis or Valkey, and bytes that it sends."""

    message: float  # published, or delivered to a process
    hint_bytes: float  # a message in a room, to one process


@dataclass(frozen=True)
class Costs:
    web: Web
    memory: Memory
    database: Database
    rows: Rows
    redis: Redis
