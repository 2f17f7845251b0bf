"""`manage.py audit`: verify the audit log, or export it as CSV."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.actions.audit import first_broken
from chat.models import AuditEntry
from chat.models.audit_csv import csv_lines


class Command(BaseCommand):
    help = "Verify the chain of the audit log, or export the log as CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("verify", help="name the first broken entry; the exit status is 1 if there is one")
        export = actions.add_parser("export", help="write the log as CSV")
        export.add_argument("--output", metavar="FILE", help="instead of the standard output")

    def handle(self, *args: Any, action: str, output: str | None = None, **options: Any) -> None:
        if action == "verify":
            self._verify()
        elif output is None:
            self._export(self.stdout)
        else:
            try:
                with open(output, "x", encoding="utf-8", newline="") as file:
                    self._export(file)
            except OSError as error:
                raise CommandError(f"The file could not be written: {error}") from None

    def _verify(self) -> None:
        broken = first_broken()
        if broken is not None:
            raise CommandError(f"The audit log is broken at entry {broken}.")
        self.stdout.write(f"All {AuditEntry.objects.count()} entries of the audit log are unchanged.")

    def _export(self, file: Any) -> None:
        for line in csv_lines(AuditEntry.objects.all()):
            file.write(line)
