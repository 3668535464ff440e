"""The 7GUIs: seven tasks by which UI programming models are compared, each in one short file.

`counter`, `temperature`, `booker`, `timer` and `crud` have at most 60 lines, `circles` and `cells`
at most 100, views included. What each teaches stands at its top, and in docs/sevenguis.md.

- `events` and `parts`: what several of them share
- `site`: all of them, and the page that leads to them

`python -m examples.sevenguis` serves the site; PORT= chooses the port.
"""
