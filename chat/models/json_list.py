"""Several values as one, as JSON text: the rows of a subquery with a limit, or the columns of a row."""

from typing import Any

from django.db.models import Func, Subquery, TextField


class JsonList(Subquery):
    """One column of a subquery's rows, as JSON text: `JsonList(rows.values("seq"), column="seq")`.

    PostgreSQL returns null for no rows.
    """

    template = "(SELECT json_group_array(listed.%(column)s) FROM (%(subquery)s) listed)"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(SELECT json_agg(listed.%(column)s)::text FROM (%(subquery)s) listed)"
        return self.as_sql(compiler, connection, template=template, **context)


class JsonArray(Func):
    """[a, b, …] of expressions as JSON."""

    function = "json_array"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="json_build_array", **context)
