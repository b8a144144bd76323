"""From purchases, in files or warehouses, to one history a customer."""
