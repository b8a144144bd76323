"""Files of other facts than purchases: contracts, interactions, margins; safe to bring twice."""
