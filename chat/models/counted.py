"""Count the rows of a subquery."""

from django.db.models import IntegerField, Subquery


class Counted(Subquery):
    """The number of rows of a subquery, which may have a limit."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()
