"""A list of things to do, kept in a file; docs/todo.md explains it.

python -m examples.todo
"""
