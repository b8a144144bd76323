"""Metrics, their definitions and their figures."""
