"""`python -m bench.capacity`: see the package's docstring."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path

import bench.capacity

from .demand import Habits, demand
from .measured import COSTS
from .needs import enough, needs
from .printing import as_code, comparison, table

MEASURED = Path(__file__).with_name("measured.py")
SIZES = (10_000, 100_000, 1_000_000)  # people
ROOMS_PER_PERSON = 1 / 250  # with 50 readers at a time
MESSAGES_PER_PERSON = 12  # an hour: one a minute from each person online


def main() -> None:
    arguments = parse_arguments()
    if arguments.measure:
        measure_and_check(arguments.rounds, write=arguments.write)
        return
    habits = Habits(**{field.name: getattr(arguments, field.name) for field in fields(Habits)})
    people = [arguments.people] if arguments.people else list(SIZES)
    columns = [
        demand(
            number,
            max(1.0, arguments.rooms or number * ROOMS_PER_PERSON),
            arguments.messages_an_hour or number * MESSAGES_PER_PERSON,
            habits,
        )
        for number in people
    ]
    print(table(people, [(each, enough(each, COSTS)) for each in columns]))


def measure_and_check(rounds: int, *, write: bool) -> None:
    from bench.serving import services

    from .measure import measure_costs
    from .runs import CHECK, run

    with services() as environment:
        costs = measure_costs(environment, rounds)
        checked = run(CHECK, environment, rounds)
    if write:
        MEASURED.write_text(as_code(costs))
    print(as_code(costs))
    print(f"\n{CHECK.sockets:,} sockets in {CHECK.rooms} rooms, {CHECK.rooms * CHECK.rate:.0f} messages/s, "
          f"{CHECK.processes} processes:\n")  # fmt: skip
    print(comparison(needs(checked.demand, CHECK.processes, costs), checked))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=bench.capacity.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, help=f"default: a table for {SIZES}")
    parser.add_argument("--rooms", type=float, help="default: one for 250 people")
    parser.add_argument("--messages-an-hour", type=float, help="of all people; default: 12 for each")
    for field in fields(Habits):
        option = "--" + field.name.replace("_", "-")
        parser.add_argument(option, type=float, default=field.default, help="default: %(default)s")
    parser.add_argument("--measure", action="store_true", help="measure the costs, and check a prediction")
    parser.add_argument("--rounds", type=int, default=1, help="with --measure: of each run; the best counts")
    parser.add_argument("--write", action="store_true", help="with --measure: keep the costs in measured.py")
    arguments = parser.parse_args()
    if (arguments.rooms or arguments.messages_an_hour) and not arguments.people:
        parser.error("--rooms and --messages-an-hour need --people.")
    return arguments


if __name__ == "__main__":
    main()
