"""The audit log as CSV, for spreadsheets."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from .audit_entry import AuditEntry

COLUMNS = [column.attname for column in AuditEntry._meta.concrete_fields]
READ_AT_ONCE = 2_000  # entries
# A spreadsheet runs a cell that begins with one of these as a formula.
BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(entries: QuerySet[AuditEntry]) -> Iterator[str]:
    """The entries with a heading, oldest first, as lines of CSV. Only READ_AT_ONCE of them are in memory."""
    writer = csv.writer(_Line())
    yield writer.writerow(COLUMNS)
    for row in entries.order_by("number").values_list(*COLUMNS).iterator(READ_AT_ONCE):
        yield writer.writerow(map(_cell, row))


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
