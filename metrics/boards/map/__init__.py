"""The metric map's pages: the drawing with its table, and the holes."""
