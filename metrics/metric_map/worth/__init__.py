"""What moving a metric is worth: the valuation's own gradient on top, the links below it."""
