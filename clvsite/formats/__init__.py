"""How days, times and numbers are written, in place of Django's own for British English."""
