"""Indicators: what a declared metric counts, its figures, and whether they moved."""
