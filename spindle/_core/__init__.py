"""The pure part: what a spindle says and what a page does with it.

Imports the standard library and msgspec only: no event loop, clock, randomness or I/O.
"""
