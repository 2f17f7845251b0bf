"""Kills every part of a running Obrolan and proves that nothing is lost, doubled or out of order.

`make chaos`, or `python -m tests.chaos --help`. What is promised and what was found: docs/reliability.md.
"""
