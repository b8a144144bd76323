"""The map before it is in force: the draft, its figures, who signs, who would have it otherwise."""
