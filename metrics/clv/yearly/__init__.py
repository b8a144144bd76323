"""Customers who buy or do not, once a year."""
