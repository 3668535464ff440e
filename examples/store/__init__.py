"""A store on one page: searching never waits for buying.

Read it in this order:

- `contract`: what the page may ask and tell, what a visitor may do
- `spindles`: the behaviour; `search` first, then `checkout`, `cart`, `suggestions`, `dashboard`
- `view`: what a visitor sees of it
- `ports`: what the store needs of a backend; `shop` is one, on SQLite (`shelf` and `sales` hold
  the queries, `assortment` makes the teas)
- `app`: the address, and what is started there

`python -m examples.store` serves it.
"""
