"""The page kernel: what operations and inputs mean, and the order of things."""
