"""The seven tasks as a whole: how long each is, what it begins with, one site for all."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from examples.sevenguis.site import PAGES, seven_guis
from spindle.web import Limits, open_site
from spindle.web.memory import visit

FOLDER = Path(__file__).parents[2] / "examples" / "sevenguis"
LIMITS = {name: 100 if name in ("circles", "cells") else 60 for name in PAGES}


def lines_of(path: Path) -> int:
    """Count the lines that are neither blank nor a comment nor part of a docstring."""
    text = path.read_text(encoding="utf-8")
    left_out: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            match node.body[0]:
                case ast.Expr(ast.Constant(str())) as docstring:
                    assert docstring.end_lineno is not None
                    left_out |= {*range(docstring.lineno, docstring.end_lineno + 1)}
    return sum(
        bool(line.strip()) and not line.strip().startswith("#") and number not in left_out
        for number, line in enumerate(text.splitlines(), 1)
    )


@pytest.mark.parametrize(("name", "limit"), LIMITS.items())
def test_none_is_longer_than_it_may_be_views_included(name: str, limit: int) -> None:
    assert 20 < lines_of(FOLDER / f"{name}.py") <= limit


@pytest.mark.parametrize("name", PAGES)
def test_each_begins_with_what_it_teaches(name: str) -> None:
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    assert f"{PAGES[name][0]} teaches " in (ast.get_docstring(tree) or "")


async def test_one_site_serves_all_seven() -> None:
    app = seven_guis()
    app.limits = Limits(first_render=10)
    async with open_site(app) as site:
        index = await visit(site, "/")
        for path, (name, _) in PAGES.items():
            assert f'<a href="/{path}">{name}</a>' in index.html
            page = await visit(site, f"/{path}")
            assert page.title == name
            assert f">{name}</h1>" in page.html
