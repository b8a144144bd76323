"""What money customers leave and cost: margins, contracts, what getting them took."""
