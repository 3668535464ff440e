"""Reads HTML back: its structure, and what is in it."""

from __future__ import annotations

from html.parser import HTMLParser


class Reader(HTMLParser):
    """Notes the tags with the names of their attributes, and the values by name."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.structure: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.structure.append(f"<{tag} {' '.join(name for name, _ in attrs)}>")
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        self.structure.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.structure.append("<!-- -->")

    def handle_decl(self, decl: str) -> None:
        self.structure.append("<!>")

    def handle_pi(self, data: str) -> None:
        self.structure.append("<?>")


def attributes_of(text: object) -> dict[str, str]:
    """Return the attributes that `text` gives a tag."""
    (_, attributes), *_ = Reader(f"<x {text}>").tags
    return attributes


def tag(html: str, name: str) -> dict[str, str]:
    """Return the attributes of the only tag of that name."""
    (found,) = [attributes for each, attributes in Reader(html).tags if each == name]
    return found
