"""A valuation that many workers make together, each of them a shard of the customers."""
