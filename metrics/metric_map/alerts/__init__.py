"""Alerts: raised when figures signal, one a way up, and told to their owners once."""
