"""The map, its editor, the agreement on it, and what people ask of each other about it."""
