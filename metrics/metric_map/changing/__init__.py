"""Changing the stored map: what a change would break or lose, and putting a whole map in force."""
