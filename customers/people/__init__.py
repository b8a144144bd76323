"""Inviting people, giving them roles, and their leaving: each act with its audit row."""
