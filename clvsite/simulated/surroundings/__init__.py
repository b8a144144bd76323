"""What surrounds the simulated customers and is not moved by them."""
