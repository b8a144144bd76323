"""Metrics as pages show them: rows of a board, charts, and the sheet of one metric."""
