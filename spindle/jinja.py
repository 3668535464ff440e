"""Views that render Jinja2 templates, with escaping always on.

    templates = Templates(Path(__file__).with_name("templates"))

    class CartView(View):
        def render(self) -> Markup:
            return templates.render("cart.html", view=self)

Needs the extra: `pip install 'trio-spindle[jinja2]'`.
"""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spindle.view.attributes import click, pressed, submit, typed
from spindle.view.errors import ViewError
from spindle.view.html import Markup
from spindle.view.links import link
from spindle.view.paths import fields

try:
    import jinja2
    from jinja2.ext import Extension
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        "spindle.jinja needs Jinja2: pip install 'trio-spindle[jinja2]'", name=missing.name
    ) from missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2.lexer import Token, TokenStream

__all__ = ["Templates"]

_HELPERS: Final = {
    "click": click,
    "fields": fields,
    "link": link,
    "pressed": pressed,
    "submit": submit,
    "typed": typed,
}


class Templates:
    """The templates of a folder, or of an environment of your own.

    Every template may call `click`, `fields`, `link`, `pressed`, `submit` and `typed`. What it puts
    into the page is escaped, unless it has `__html__`; `{% autoescape %}` and `|safe` are refused.
    A variable that does not exist is an error, also where it is only tested.

    Args:
        source: a folder, or an environment with autoescape on, `StrictUndefined` and a loader. Of
            an environment a copy is used: what is added to it later does not count.

    Raises:
        ViewError: there is no such folder, or the environment would not escape, would take a
            variable that does not exist for an empty one, or renders on asyncio.
    """

    def __init__(self, source: Path | str | jinja2.Environment) -> None:
        given = source if isinstance(source, jinja2.Environment) else _environment(Path(source))
        self._environment = _checked(given).overlay(extensions=[_AlwaysEscaped])
        self._environment.bytecode_cache = None  # it may hold what was compiled without the above
        self._environment.globals = {**given.globals, **_HELPERS}  # pyright: ignore[reportAttributeAccessIssue] its type is guessed
        self._environment.filters = {**given.filters, "safe": _safe}

    def render(self, name: str, /, **values: object) -> Markup:
        """Render a template, to be returned by `View.render`.

        Args:
            name: of the template, its path in the folder.
            values: what it may refer to, by name; `view=self`, mostly, and the contract's blocks.

        Raises:
            ViewError: there is no such template, it cannot be read, or refers to what is not there.
                What the values' own code raises is passed on.
        """
        try:
            return Markup(self._environment.get_template(name).render(values))
        except jinja2.TemplateNotFound as error:
            raise self._not_found(name, error) from error
        except jinja2.TemplateSyntaxError as error:
            where = f"template {error.name or name!r}, line {error.lineno}"
            raise ViewError(f"{where}: {error.message}") from error
        except jinja2.UndefinedError as error:
            given = ", ".join([*values, *_HELPERS])
            raise ViewError(
                f"template {name!r}{_line(error)}: {error.message}. It was given: {given}"
            ) from error

    def _not_found(self, name: str, error: jinja2.TemplateNotFound) -> ViewError:
        wanted = error.name if isinstance(error.name, str) else name
        inside = "" if wanted == name else f"template {name!r}{_line(error)}: "
        near = get_close_matches(wanted, self._environment.list_templates(), n=1)
        hint = f": did you mean {near[0]!r}?" if near else ""
        return ViewError(f"{inside}there is no template {wanted!r}{hint}")


class _AlwaysEscaped(Extension):
    """Refuses, when a template is compiled, what would switch escaping off."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Pass the tokens of a template on."""
        before = ""
        for token in stream:
            if before == "block_begin" and token.test("name:autoescape"):
                raise self._refusal("{% autoescape %}", token, stream)
            if before == "pipe" and token.test("name:safe"):
                raise self._refusal("|safe", token, stream)
            before = token.type
            yield token

    def _refusal(self, what: str, token: Token, stream: TokenStream) -> jinja2.TemplateSyntaxError:
        return jinja2.TemplateSyntaxError(
            f"{what} is refused: escaping is always on. {_INSTEAD}",
            token.lineno,
            stream.name,
            stream.filename,
        )


_INSTEAD: Final = "What is HTML comes from Python as Markup, or as anything else with __html__"


def _safe(value: object) -> object:
    raise ViewError(f"the filter 'safe' is refused: escaping is always on. {_INSTEAD}")


def _environment(folder: Path) -> jinja2.Environment:
    if not folder.is_dir():
        raise ViewError(
            f"Templates({os.fspath(folder)!r}): there is no such folder. Give its path from the "
            f"module: Templates(Path(__file__).with_name('templates'))"
        )
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _checked(environment: jinja2.Environment) -> jinja2.Environment:
    if environment.autoescape is not True:
        raise ViewError(
            f"Templates(environment): its autoescape is {environment.autoescape!r}, and what a "
            f"visitor typed would get into the page as HTML. Write Environment(autoescape=True, "
            f"...): for every template, whatever its name"
        )
    if not issubclass(environment.undefined, jinja2.StrictUndefined):
        raise ViewError(
            "Templates(environment): a name that is spelled wrongly would be shown as nothing. "
            "Write Environment(undefined=StrictUndefined, ...)"
        )
    if environment.is_async:
        raise ViewError(
            "Templates(environment): views render at once and await nothing, and Jinja2 awaits on "
            "asyncio only. Leave enable_async out"
        )
    if environment.loader is None:
        raise ViewError(
            "Templates(environment): it has no loader. Write Environment(loader=..., ...)"
        )
    return environment


def _line(error: Exception) -> str:
    """Say in which line of a template something went wrong, as far as it can be told."""
    found, step = "", error.__traceback__
    while step is not None:
        # Jinja2 puts frames of its own in the place of those of the compiled template.
        if "__jinja_exception__" in step.tb_frame.f_globals:
            found = f", line {step.tb_lineno}"
        step = step.tb_next
    return found
