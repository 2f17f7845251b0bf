"""Full-text search over all messages that a person may see now.

`words` makes the text that the index has, `query` reads what was typed, `index` finds messages in the index of
PostgreSQL or SQLite, and `finding` chooses how to search. `schema` has the tables, indexes and triggers.
"""
