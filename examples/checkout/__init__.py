"""A tea shop whose checkout is one coroutine.

Read it in this order:

- `contract`: what the page may ask, what a visitor may answer, how it may end
- `spindle`: the behaviour, from top to bottom
- `view`: what a visitor sees of it
- `ports`: what the shop needs of a backend; `shop` is one, on SQLite
- `app`: which address shows what

`python -m examples.checkout` serves it.
"""
