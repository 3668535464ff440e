"""A sign-up that is asked in the terminal: one spindle, no contract, no page.

Read it in this order:

- `signup`: the conversation, from top to bottom, and the port it needs
- `terminal`: who asks and answers, here a terminal; the spindle knows nothing of it

`python -m examples.wizard` runs it, with a keyboard or a pipe.
"""
