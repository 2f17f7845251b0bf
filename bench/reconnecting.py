"""Scenarios in which all clients reconnect at once, and have to catch up."""

from __future__ import annotations

from time import perf_counter

from .clients import Client, Obrolan
from .measuring import Meter, latencies, run_for, send_one_each
from .pool import CONCURRENT_HANDSHAKES, HANDSHAKE_TIMEOUT, ClientPool
from .scenarios import open_sockets
from .spec import Spec
from .workload import Workload

POLL_EVERY = 0.05  # seconds


async def reconnect(spec: Spec, pool: ClientPool) -> list[dict]:
    """Clients of Obrolan resume. Those of other servers have no cursors: they connect, some at a time."""
    return await (resume if spec.protocol == "obrolan" else open_sockets)(spec, pool)


async def resume(spec: Spec, pool: ClientPool) -> list[dict]:
    """Disconnect all clients but one per room, which posts `behind` messages. Then reconnect all at once.

    Raises TimeoutError if the messages are not posted within HANDSHAKE_TIMEOUT.
    """
    await pool.connect_all(CONCURRENT_HANDSHAKES)
    rooms = pool.by_room()
    for clients in rooms:
        for client in clients[1:]:
            client.close()
    workload = Workload([clients[:1] for clients in rooms], len(rooms))
    workload.start()
    deadline = perf_counter() + HANDSHAKE_TIMEOUT
    while workload.completed < (spec.behind - 1) * len(rooms):
        if perf_counter() > deadline:
            raise TimeoutError(f"only {workload.completed} messages were posted")
        await run_for(POLL_EVERY, workload)
    workload.sending = False
    await run_for(HANDSHAKE_TIMEOUT, workload)
    for clients in rooms:
        clients[0].close()
    cursors = {client.index: client.cursor for clients in rooms for client in clients[1:]}
    epochs = {clients[0].room: clients[0].epoch for clients in rooms}
    pool.clients = [reconnecting_client(pool, index, cursors, epochs) for index in range(spec.sockets)]
    pool.ready_at, pool.retries = [], 0
    meter = Meter(spec)
    await pool.connect_all(spec.sockets)
    waits = [moment - meter.started_at for moment in pool.ready_at]
    resets = sum(client.resets for client in pool.clients)
    missed = sum(client.cursor - cursors[client.index] for client in pool.clients if client.index in cursors)
    return [
        {
            **meter.read(),
            **latencies(waits),
            "caught_up_s": max(waits),
            "behind": missed / len(cursors),
            "resets": resets,
            "retries": pool.retries,
            **await send_one_each(pool),
        }
    ]


def reconnecting_client(
    pool: ClientPool, index: int, cursors: dict[int, int], epochs: dict[str, str]
) -> Client:
    client = pool.client(index)
    assert isinstance(client, Obrolan)
    client.epoch = epochs[client.room]
    client.since = client.cursor = cursors.get(index, 0)
    return client
