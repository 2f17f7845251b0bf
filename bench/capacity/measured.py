"""Means of two runs of `python -m bench.capacity --measure` on 2026-11-28, on 2 cores with other work.

They were measured before presence and access changed.
"""

from .costs import Costs, Database, Memory, Redis, Rows, Web

COSTS = Costs(
    Web(
        post=0.00163,
        hint=0.00053,
        delivery=7.6e-06,
        read=4.6e-05,
        process=0.0124,
        idle_socket=1.34e-05,
        presence_row=1.5e-05,
        list_event=4.3e-06,
        opened_socket=0.0009,
        page=0.0278,
    ),
    Memory(
        process=9.2e07,
        socket=2.24e04,
    ),
    Database(
        post=0.00098,
        read=2.3e-05,
        process=0.0019,
        idle_socket=1.4e-06,
        presence_row=2.5e-06,
        page=0.0042,
    ),
    Rows(
        post=1.97,
        read=0.9,
    ),
    Redis(
        message=3.1e-05,
        hint_bytes=558,
    ),
)
