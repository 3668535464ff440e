"""Programs to read and to run, each with `python -m examples.<name>`."""
