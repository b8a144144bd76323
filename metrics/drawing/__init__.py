"""Geometry of the drawings: numbers in, coordinates out. Templates turn them into SVG."""
