"""The audit log as CSV, for spreadsheets."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from .audit_entry import AuditEntry, AuditEntryQuerySet

COLUMNS = [column.attname for column in AuditEntry._meta.concrete_fields]
# A spreadsheet runs a cell that begins with one of these as a formula.
BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(entries: AuditEntryQuerySet) -> Iterator[str]:
    """The entries with a heading, oldest first, as lines of CSV."""
    writer = csv.writer(_Line())
    yield writer.writerow(COLUMNS)
    for entry in entries.oldest_first():
        yield writer.writerow(_cell(getattr(entry, column)) for column in COLUMNS)


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""
    return f"'{value}" if isinstance(value, str) and value.startswith(BEGINS_FORMULA) else value


class _Line:
    """The csv module writes to a file. This one returns each line."""

    def write(self, line: str) -> str:
        return line
