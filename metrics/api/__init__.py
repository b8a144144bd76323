"""The API of value, indicators and the map: the same rows that the pages ask a policy for."""
