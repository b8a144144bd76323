"""Rows of a file of purchases become lines, orders and purchase days."""
