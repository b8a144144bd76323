"""What runs inside a site on a temporary database, in a process of its own."""
