"""Purchases out of files: CSV, compressed CSV and Parquet, a chunk at a time."""
