"""How many web processes, how much memory and traffic so many people need, reckoned from measured costs.

| module | what it has |
|---|---|
| `costs.py` | the cost of each kind of work |
| `measured.py` | their values |
| `demand.py`, `work.py` | what so many people do, and the work that it causes |
| `needs.py` | what a number of processes needs for this work |
| `limits.py` | the limits of one PostgreSQL and one Redis, and which is reached first |
| `measure.py`, `runs.py` | measures the costs again, and compares a prediction with a run of another size |

python -m bench.capacity --people 10000 --rooms 40 --messages-an-hour 120000
python -m bench.capacity --measure
"""
