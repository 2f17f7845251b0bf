"""The noisy-neighbour test: one attacker at a time, and what the people in another room notice of it.

`make hostile`, or `python -m tests.hostile --help`. Limits and figures: docs/reliability.md.
"""
