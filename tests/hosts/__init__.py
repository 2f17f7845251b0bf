"""Obrolan on several hosts: with a pooler before PostgreSQL, and with a Redis that is not on this machine."""
