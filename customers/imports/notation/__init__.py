"""How a column writes its numbers and its days: seen in its first values, then held to."""
