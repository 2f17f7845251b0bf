"""Several values as one JSON text: the rows of a subquery or a group, or the columns of a row."""

from typing import Any

from django.db.models import Aggregate, Func, Subquery, TextField


class JsonList(Subquery):
    """One column of a subquery's rows, as JSON text: `JsonList(rows.values("seq"), column="seq")`.

    PostgreSQL returns null for no rows.
    """

    template = "(SELECT json_group_array(listed.%(column)s) FROM (%(subquery)s) listed)"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(SELECT json_agg(listed.%(column)s)::text FROM (%(subquery)s) listed)"
        return self.as_sql(compiler, connection, template=template, **context)


class JsonObject(Aggregate):
    """{key: value, …} of a group's rows, as JSON."""

    function = "json_group_object"
    arity = 2
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="json_object_agg", **context)


class JsonArray(Func):
    """[a, b, …] as JSON."""

    function = "json_array"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="json_build_array", **context)
