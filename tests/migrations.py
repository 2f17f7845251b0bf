"""Tests of migrations: the database in an earlier state, and back in the latest one afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def migrate(name: str):
    """Migrate the chat's tables to this migration. Returns its models, by `get_model(app, name)`."""
    executor = MigrationExecutor(connection)
    return executor.migrate([("chat", name)]).apps


@contextmanager
def migrated_back(name: str) -> Iterator:
    """The models of an earlier migration. At the end the database has the latest state again."""
    try:
        yield migrate(name)
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate([node for node in executor.loader.graph.leaf_nodes() if node[0] == "chat"])
