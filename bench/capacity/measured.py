"""By `python -m bench.capacity --measure --write` on 2026-11-28, on 2 cores."""

from .costs import Costs, Database, Memory, Redis, Rows, Web

COSTS = Costs(
    Web(
        post=0.00211,
        hint=0.000433,
        delivery=0,
        read=5.55e-05,
        process=0.0136,
        idle_socket=1.27e-05,
        presence_row=2.23e-05,
        list_event=3.2e-06,
        opened_socket=0.00099,
        page=0.0315,
    ),
    Memory(
        process=9.39e07,
        socket=1.99e04,
    ),
    Database(
        post=0.00115,
        read=4.88e-06,
        process=0.00242,
        idle_socket=8.35e-07,
        presence_row=3.49e-06,
        page=0.00483,
    ),
    Rows(
        post=1.96,
        read=0.859,
    ),
    Redis(
        message=3.42e-05,
        hint_bytes=556,
    ),
)
