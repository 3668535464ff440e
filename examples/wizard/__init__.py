"""A sign-up: one coroutine, no contract, asked in a terminal and as a page.

Read it in this order:

- `signup`: the conversation, from top to bottom, its questions, and the port it needs
- `terminal`: who asks and answers, here a terminal; the coroutine knows nothing of it
- `view` and `page`: the same in a browser

`python -m examples.wizard` asks in the terminal, with a keyboard or a pipe;
`python -m examples.wizard --page` serves the page, PORT= chooses the port.
"""
