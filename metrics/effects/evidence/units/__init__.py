"""What sites and groups of staff tell: against each other, and before and after a start."""
