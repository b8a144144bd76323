"""The map as one document: read, written, compared, drawn."""
