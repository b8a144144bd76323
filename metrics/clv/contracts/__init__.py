"""Customers with a contract: renewals, and what they are worth."""
