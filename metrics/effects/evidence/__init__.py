"""Does this metric really move that one? By customers, by time series, by what we did ourselves."""
