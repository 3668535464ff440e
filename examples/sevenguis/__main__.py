"""Serve the seven: `python -m examples.sevenguis`; PORT= chooses the port."""

from examples.sevenguis.site import seven_guis

if __name__ == "__main__":
    seven_guis().run(path="/")
