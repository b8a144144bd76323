"""One metric's page: why it moved, whose it is, what drives it, its versions."""
