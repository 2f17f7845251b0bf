"""The noisy-neighbour test: run one attack at a time and measure the effect on clients in another room.

`make hostile`, or `python -m tests.hostile --help`. docs/reliability.md lists attacks and limits.
"""
