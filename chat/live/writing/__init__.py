"""Writes to the database: many commands in one transaction, and read marks once a second."""
