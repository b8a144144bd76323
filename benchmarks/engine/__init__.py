"""The value engine alone and its peers, on purchases in memory or in a file."""
