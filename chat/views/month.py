"""A month of the calendar: its days in weeks, which begin on Monday."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from chat.models.days import COUNTED, day_of


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    count: int = 0
    is_outside: bool = False  # of the month

    @property
    def label(self) -> str:
        return f"{COUNTED - 1}+" if self.count >= COUNTED else str(self.count)


@dataclass(frozen=True, slots=True)
class Month:
    first: date

    @classmethod
    def of(cls, day: date) -> Month:
        return cls(day.replace(day=1))

    @classmethod
    def parse(cls, typed: str) -> Month | None:
        """`2026-03`. None if it is no month."""
        found = re.fullmatch(r"([0-9]{4})-([0-9]{2})", typed)
        day = day_of(int(found[1]), int(found[2]), 1) if found else None
        return cls(day) if day else None

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def end(self) -> date:
        """The first day of the next month."""
        return (self.first + timedelta(days=31)).replace(day=1)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.end - self.first).days)]

    def weeks(self, counts: Mapping[date, int]) -> list[list[Day]]:
        weeks = calendar.Calendar().monthdatescalendar(self.first.year, self.first.month)
        return [[Day(day, counts.get(day, 0), day not in counts) for day in week] for week in weeks]
