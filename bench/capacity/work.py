"""The work that a demand causes each second, by the names of the costs."""

from __future__ import annotations

from .demand import Demand

# Periods of chat.live.process and chat.live.feeds.presence_sync, in seconds.
LIMITS_SHARED_EVERY = 0.1
PRESENCE_TOLD_EVERY = 0.05
PRESENCE_READ_AFTER = 1.0  # a change, at the earliest
PRESENCE_WRITTEN_EVERY = 20.0
LISTED = 100  # people of a room that are read at most; chat.live.feeds.people

Work = dict[str, float]


def web_work(wanted: Demand, processes: int) -> Work:
    return {
        "post": wanted.posts,
        "hint": hints(wanted, processes),
        "delivery": wanted.deliveries,
        "read": wanted.reads,
        "process": processes,
        "idle_socket": wanted.sockets + wanted.lobby,
        "presence_row": presence_read(wanted, processes),
        "list_event": wanted.list_events,
        "opened_socket": wanted.pages,
        "page": wanted.pages,
    }


def database_work(wanted: Demand, processes: int) -> Work:
    return {
        "post": wanted.posts,
        "read": wanted.read_rows,
        "process": processes,
        "idle_socket": wanted.sockets + wanted.lobby,
        "presence_row": presence_read(wanted, processes),
        "page": wanted.pages,
    }


def redis_work(wanted: Demand, processes: int) -> Work:
    told = told_to_all(wanted, processes)
    reached = hints(wanted, processes)
    return {
        "published": wanted.posts + told,
        "hints": reached,
        "told": told * processes,
        "message": wanted.posts + told + reached + told * processes,
    }


def written(wanted: Demand) -> Work:
    """Rows: `post` and `read` by the costs, and the rows of presence."""
    return {
        "post": wanted.posts,
        "read": wanted.read_rows,
        "presence": wanted.sockets / PRESENCE_WRITTEN_EVERY + wanted.comings,
    }


def hints(wanted: Demand, processes: int) -> float:
    """A message is received by each process that has the room open."""
    return wanted.posts * wanted.reached(processes)


def presence_read(wanted: Demand, processes: int) -> float:
    """Rows of people that are read: at most LISTED in a room that changed, by each process that has it open.

    The aggregated row of each room, compared every few seconds, is a part of the cost of an idle socket.
    """
    changes = min(1 / PRESENCE_READ_AFTER, wanted.comings / wanted.rooms)
    return min(wanted.readers, LISTED) * wanted.rooms * wanted.reached(processes) * changes


def told_to_all(wanted: Demand, processes: int) -> float:
    """Messages to all processes. Events within a period are sent in one message."""
    limits = min(wanted.posts + wanted.pages, processes / LIMITS_SHARED_EVERY)
    return limits + min(wanted.comings, processes / PRESENCE_TOLD_EVERY)
