"""Mutation testing: faults are sown into the kernel one by one, and the tests have to see them."""
