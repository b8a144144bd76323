"""Forms: what a map administrator fills in."""
