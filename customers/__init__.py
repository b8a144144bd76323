"""Facts: who the customers are, what they bought, and who looks after them."""
