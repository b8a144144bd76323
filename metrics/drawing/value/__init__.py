"""Pictures of values: what customers are worth, how sure that is, and why it moved."""
