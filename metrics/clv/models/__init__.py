"""Models of how often customers buy and of what they spend; each with its likelihood and fit."""
