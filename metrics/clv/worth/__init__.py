"""What customers are worth, how surely, and under other conditions."""
