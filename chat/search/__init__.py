"""Full-text search over all messages that a person may see now.

`words` makes the text that is indexed, `query` reads what was typed, `index` has the conditions for
PostgreSQL and SQLite, `finding` chooses how to search, and `schema` has the tables, indexes and triggers.
"""
