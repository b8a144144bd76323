"""Customers in groups: by size and steadiness, by channel, by the month they came."""
