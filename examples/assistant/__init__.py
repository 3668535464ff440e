"""An assistant that answers piece by piece, asks back, and waits for an approval.

Read it in this order:

- `talk`: what a conversation is made of
- `contract`: what the page may ask, what a visitor may do at any time, what is news
- `ports`: a language model that gives the next piece of an answer, and trains with seats
- `spindle`: listening always, one answer at a time beside it
- `view`: what a visitor sees of it
- `script` and `timetable`: the ports without a model and without a railway
- `app`: which address shows what

`python -m examples.assistant` serves it.
"""
