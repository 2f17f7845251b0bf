"""Calculates the web processes, memory and traffic for a number of people, from measured costs.

| module | what it has |
|---|---|
| `costs.py` | the cost of each kind of work |
| `measured.py` | their values |
| `demand.py`, `work.py` | the actions of a number of people, and the work that they cause |
| `needs.py` | the needs of a number of processes for this work |
| `limits.py` | the limits of one PostgreSQL and one Redis, and which is reached first |
| `measure.py`, `runs.py` | measures the costs again, and compares a prediction with a run of another size |

python -m bench.capacity --people 10000 --rooms 40 --messages-an-hour 120000
python -m bench.capacity --measure
"""
