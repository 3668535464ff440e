"""What `make demo` serves: the store, and an application for a passport that outlives its server.

python -m examples.demo
"""
