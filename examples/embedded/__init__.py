"""The same pages inside three programs that are there already; docs/embedding.md explains them.

python -m examples.embedded.in_trio
python -m examples.embedded.in_trio_websocket
python -m examples.embedded.in_starlette
"""
