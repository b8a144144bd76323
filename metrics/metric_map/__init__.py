"""The metric map: how each metric reaches the top, by typed links that never run in a circle."""
