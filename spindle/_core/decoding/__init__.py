"""Events from JSON and from forms: strict, every fault with its path."""
