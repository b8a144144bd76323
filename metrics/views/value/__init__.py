"""Valuations, what they rest on, what lies behind them, and the story of the total."""
