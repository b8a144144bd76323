"""Valuations on the database: when one is due, what it reads, how it is written and switched."""
