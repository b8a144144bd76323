"""A simulated company whose every cause is written down. Nobody in it is real."""
