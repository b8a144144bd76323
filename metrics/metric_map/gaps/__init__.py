"""Holes of a whole map: the rules that find them, what each asks for, and the score."""
