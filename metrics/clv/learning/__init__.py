"""What is learnt from all customers: models chosen, fitted and tested, by sums over customers."""
