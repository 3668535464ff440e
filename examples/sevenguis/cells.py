"""Cells teaches that a form may be the whole conversation, and that a large page is cheap.

Each event says which cell was edited, what stands in it, and which one is opened next. Nothing is
evaluated but what reads a value that has changed; cells that read each other in a circle say so.
All of the table is rendered, and what differs is sent.
"""

import ast
import re
from contextlib import suppress
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from examples.sevenguis.events import Queued
from examples.sevenguis.parts import frame
from spindle import Spindle, Yield
from spindle.view import Markup, View, fields, on, submit

__all__ = ["Cells", "CellsView", "Sheet", "cells"]

COLUMNS, CELL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", re.compile(r"\b[A-Z][1-9]?[0-9]\b")
SIGN = {"Add": float.__add__, "Sub": float.__sub__, "Mult": float.__mul__, "Div": float.__truediv__}
CellName: TypeAlias = Annotated[str, Meta(pattern="^[A-Z][1-9]?[0-9]$")]


class Cells(Spindle):
    class Entered(Queued):
        edited: CellName
        formula: Annotated[str, Meta(max_length=100)]
        opened: CellName

    class Editing(Yield[Entered]):
        cell: str = "A0"
        formula: str = ""
        values: tuple[tuple[str, str], ...] = ()


async def cells() -> None:
    sheet, cell = Sheet(), "A0"
    while True:
        entered = await Cells.Editing(cell, sheet.formulas.get(cell, ""), (*sheet.values.items(),))
        if entered.formula != sheet.formulas.get(entered.edited, ""):
            sheet.put(entered.edited, entered.formula)
        cell = entered.opened


class Sheet(Struct):
    formulas: dict[str, str] = {}
    values: dict[str, str] = {}
    reads: dict[str, set[str]] = {}

    def put(self, cell: str, formula: str) -> None:
        self.formulas[cell] = formula
        self.reads[cell] = set(CELL.findall(formula.upper())) if formula.startswith("=") else set()
        order, circle, changed = TopologicalSorter(self.reads), {*self.formulas}, set[str]()
        with suppress(CycleError):
            order.prepare()
        # What is in no circle, and reads none, has its order all the same.
        while ready := order.get_ready():
            order.done(*ready)
            for each in circle.intersection(ready):
                circle.remove(each)
                if each == cell or self.reads[each] & changed:
                    before, self.values[each] = self.values.get(each, ""), self._evaluated(each)
                    changed |= {each} if self.values[each] != before else set()
        self.values |= dict.fromkeys(circle, "#CIRCLE")

    def _evaluated(self, cell: str) -> str:
        formula = self.formulas[cell]
        if not formula.startswith("="):
            return formula
        with suppress(ArithmeticError, LookupError, SyntaxError, ValueError):
            return f"{self._number(ast.parse(formula[1:].upper(), mode='eval').body):.15g}"
        return "#ERROR"

    def _number(self, node: ast.expr) -> float:
        match node:
            case ast.Constant(int() | float() as number):
                return float(number)
            case ast.Name(cell) if CELL.fullmatch(cell):
                return float(self.values.get(cell) or 0)
            case ast.UnaryOp(ast.USub(), operand):
                return -self._number(operand)
            case ast.BinOp(left, sign, right):
                return SIGN[type(sign).__name__](self._number(left), self._number(right))
            case _:
                raise SyntaxError


class CellsView(View):
    at: Cells.Editing = Cells.Editing()

    @on(Cells.Editing)
    def editing(self, ask: Cells.Editing) -> None:
        self.at = ask

    def render(self) -> Markup:
        at, of, below = self.at, fields(Cells.Entered), min(int(self.at.cell[1:]) + 1, 99)
        html = EMPTY | {cell: closed(cell, value) for cell, value in at.values}
        html[at.cell] = Markup(
            '<td><input id="{at.cell}" name="{of.formula}" value="{at.formula}" autofocus=""></td>'
        ).format(at=at, of=of)
        lines = (Markup("".join(html[f"{each}{row}"] for each in COLUMNS)) for row in range(100))
        numbered = Markup('<tr id="row{0}"><th scope="row">{0}</th>{1}</tr>')
        rows = Markup().join(map(numbered.format, range(100), lines))
        head = Markup().join(Markup('<th scope="col">{}</th>').format(each) for each in COLUMNS)
        body = Markup(
            '<form {sends} autocomplete="off"><p><label for="{at.cell}">{at.cell}</label>'
            '<input type="hidden" name="{of.edited}" value="{at.cell}">'
            '<button name="{of.opened}" value="{at.cell[0]}{below}">Enter</button>'
            "<span>A number, a text, or a formula such as =A0+2*B1</span></p>"
            '<div class="sheet" role="region" aria-label="Sheet" tabindex="0"><table><tbody>'
            "<tr><td></td>{head}</tr>{rows}</tbody></table></div></form>"
        ).format(sends=submit(Cells.Entered), at=at, of=of, below=below, head=head, rows=rows)
        return frame("Cells", body)


@lru_cache(maxsize=5_200)
def closed(cell: str, value: str = "") -> Markup:
    return Markup(
        '<td><button name="{0}" value="{1}" aria-label="{1} {2}">{2}</button></td>'
    ).format(fields(Cells.Entered).opened, cell, value)


EMPTY = {cell: closed(cell) for row in range(100) for cell in (f"{each}{row}" for each in COLUMNS)}
