"""Rows of one figure a period: their delays, their forecasts, and what might have been."""
