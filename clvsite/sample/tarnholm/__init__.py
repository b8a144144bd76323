"""Tarnholm Supply, the simulated company, in the site: its facts, its map, what its people said."""
