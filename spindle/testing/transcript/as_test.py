"""A conversation that has been played, as the source of a test that plays it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from spindle._core.errors import NotLoaded
from spindle._core.journal import CallBegan, CallEnded, CancelCame, EventCame, MessageSent, Started
from spindle._core.kernel.record import Batch, Outside
from spindle._core.kernel.unwinding import Unwinding
from spindle._core.operations.port import Port
from spindle._core.states import Cancelled, Completed, Errored, Notified, Yielded
from spindle.testing.source_code import as_source, names_in
from spindle.testing.transcript.conversation import Advanced, CellPut
from spindle.testing.transcript.driver import declared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from spindle._core.operations.cell import Cell
    from spindle._core.operations.port import Call
    from spindle.testing.transcript.driver import TranscriptDriver

__all__ = ["write_test"]

_TRANSCRIPT: Final = ("spindle.testing", "Transcript")


def write_test(name: str, driver: TranscriptDriver) -> str:
    """Write a test of that name which demands all that a driver has come to."""
    test = _Test(driver)
    lines = [*test.beginning(), *test.conversation(), *test.open_ends()]
    imports: dict[str, list[str]] = {}
    for module, imported in sorted(test.names):
        imports.setdefault(module, []).append(imported)
    head = [f"from {module} import {', '.join(imports[module])}" for module in imports]
    body = [f"    {each}" for each in lines]
    return "\n".join([*head, "", "", f"def {name}() -> None:", *body, ""])


class _Test:
    """Writes the lines, and keeps what they need to import."""

    def __init__(self, driver: TranscriptDriver) -> None:
        self.names: set[tuple[str, str]] = {_TRANSCRIPT}
        self._driver = driver
        self._said = driver.conversation
        self._news: list[str] = []

    def beginning(self) -> Iterator[str]:
        record = self._driver.record
        given = [self._source(each) for each in (record.fn, *record.args)]
        values = {k: v for k, v in self._driver.given.items() if not issubclass(k, Port)}
        if values:
            given.append(f"provide={self._source(values)}")
        performed = [call.fn for call in self._said.calls.values() if call.given is None]
        if performed:
            given.append(f"stub={self._source(list(dict.fromkeys(performed)))}")
        if self._driver.seed:
            given.append(f"seed={self._driver.seed}")
        yield f"run = Transcript({', '.join(given)})"

    def conversation(self) -> Iterator[str]:
        for at, item in enumerate(self._said.items):
            match item:
                case MessageSent(_, Notified(notify)):
                    self._news.append(self._source(notify))
                case CellPut(cell, value):
                    yield f"run.expect_put({self._cell(cell)}, {self._source(value)})"
                case Started(source) if at and source.block not in (Batch, Outside):
                    name = source.instance
                    named = "" if name is None else f", instance={self._source(name)}"
                    yield f"run.expect_forked({self._source(source.block)}{named})"
                case EventCame(event):
                    yield from self._told()
                    asked = self._said.items[self._said.replies[at]]
                    assert isinstance(asked, MessageSent)
                    yield f"{self._question(asked)}.answer({self._source(event)})"
                case CallEnded(_, _, value, error) if not isinstance(error, Unwinding):
                    yield from self._told()
                    yield from self._end_of_call(self._said.replies[at], value, error)
                case Advanced(seconds):
                    yield from self._told()
                    yield f"run.advance({seconds!r})"
                case CancelCame(reason):
                    yield from self._told()
                    yield f"run.cancel({self._source(reason)})"
                case _:
                    pass
        yield from self._told()

    def open_ends(self) -> Iterator[str]:
        for wait in self._driver.asked():
            yield f"run.expect({self._source(wait.ask)})"
        for call in self._driver.open.values():
            yield self._call(call.call)
        match self._driver.record.outcome:
            case Completed(value):
                yield f"run.expect_returned({self._source(value)})"
            case Errored(error):
                yield f"run.expect_raised({self._source(type(error))})"
            case Cancelled(reason):
                yield f"run.expect_cancelled({self._source(reason)})"
            case None:
                pass

    def _told(self) -> Iterator[str]:
        """The news of the step that is over."""
        news, self._news = self._news, []
        if news:
            yield f"run.expect_notified({', '.join(news)})"

    def _question(self, asked: MessageSent) -> str:
        assert isinstance(asked.message, Yielded)
        return f"run.expect({self._source(asked.message.ask)})"

    def _end_of_call(self, at: int, value: object, error: object) -> Iterator[str]:
        call, began = self._said.calls[at], self._said.items[at]
        form = getattr(declared(call), "__form__", None)
        if form is None or not isinstance(began, CallBegan) or began.source.block is not Batch:
            yield f"{self._call(call)}{self._came(value, error)}"
            return
        # It was read in a batch; what the test plays is asked key by key.
        found = cast("Mapping[object, object]", {} if value is None else value)
        for key in cast("tuple[object, ...]", call.args[0]):
            failed = error
            if error is None and key not in found:
                failed = NotLoaded(f"{call.name} brought nothing for this key")
            one = f"{self._port(call, form.name)}.{form.name}, {self._source(key)}"
            yield f"run.expect_call({one}){self._came(found.get(key), failed)}"

    def _came(self, value: object, error: object) -> str:
        if error is not None:
            return f".raises({self._source(error)})"
        return f".returns({self._source(value)})"

    def _call(self, call: Call[Any]) -> str:
        given = [self._source(each) for each in call.args]
        given += [f"{key}={self._source(each)}" for key, each in call.keywords.items()]
        if call.given is None:
            return f"run.expect_perform({', '.join([self._source(call.fn), *given])})"
        name = call.name.rpartition(".")[2]
        return f"run.expect_call({', '.join([f'{self._port(call, name)}.{name}', *given])})"

    def _port(self, call: Call[Any], name: str) -> str:
        """The port that declares a method of what was called."""
        kinds = type(call.given).__mro__
        return self._source(
            next(kind for kind in kinds if hasattr(vars(kind).get(name), "__repeat__"))
        )

    def _cell(self, cell: Cell[Any]) -> str:
        of = "" if cell.instance is None else f".of({self._source(cell.instance)})"
        return f"{self._source(cell.block)}.{cell.name.rpartition('.')[2]}{of}"

    def _source(self, value: object) -> str:
        self.names.update(names_in(value))
        return as_source(value)
