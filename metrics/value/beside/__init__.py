"""What is set beside a valuation: other conditions, another valuation, another library."""
