"""Chaos tests: inject faults into a running Obrolan and check that nothing is lost, duplicated or reordered.

`make chaos`, or `python -m tests.chaos --help`. docs/reliability.md describes the guarantees and the results.
"""
