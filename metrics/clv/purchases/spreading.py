"""Customers spread evenly: over shards, and into samples."""

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def hashed(customer: Integers) -> NDArray[np.uint64]:
    """Evenly spread 64-bit numbers, the same for the same customer on every machine."""
    mixed = customer.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    return np.asarray(mixed ^ (mixed >> np.uint64(32)))
