"""What lies behind a figure: its largest contributions, its segments, the version before it."""
