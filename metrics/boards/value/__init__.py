"""Pages of value: scenarios in words and side by side, and why customer equity moved."""
