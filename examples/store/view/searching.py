"""What is searched for: typed, and ticked."""

from __future__ import annotations

from examples.store.assortment import KINDS
from examples.store.contract import Filters, Search
from spindle.view import Markup, View, fields, submit, typed

__all__ = ["search_forms"]

_PRICES = (5, 8, 12, 20)


def search_forms(view: View, filters: Filters) -> Markup:
    """Show the field for the words and the filters.

    Args:
        view: it names the fields.
        filters: as the search has them now.
    """
    return Markup(
        '<h1 tabindex="-1">Loose leaf tea</h1>'
        '<form {words} class="words" role="search"><label {query.label}>Search</label>'
        '<input {query.control} {typed} type="search" value="{text}" maxlength="100" '
        'autocomplete="off" placeholder="jasmine, darjeeling, honey">{query.message}</form>'
        '<form {filtered} class="filters"><fieldset><legend>Kind</legend>{kinds}</fieldset>'
        "<label {most.label}>Price</label><select {most.control}>{prices}</select></form>"
    ).format(
        words=submit(Search.QueryTyped),
        query=view.field(fields(Search.QueryTyped).query),
        typed=typed(Search.QueryTyped),
        text=filters.query,
        filtered=typed(Search.Filtered),
        kinds=Markup().join(_kind(kind, filters) for kind in ("", *KINDS)),
        most=view.field(fields(Search.Filtered).most),
        prices=Markup().join(_price(most, filters) for most in (None, *_PRICES)),
    )


def _kind(kind: str, filters: Filters) -> Markup:
    return Markup(
        '<label class="chip"><input type="radio" name="kind" value="{}"{}><span>{}</span></label>'
    ).format(kind, _when(kind == filters.kind, " checked"), kind or "All")


def _price(most: int | None, filters: Filters) -> Markup:
    return Markup('<option value="{}"{}>{}</option>').format(
        "" if most is None else most,
        _when(most == filters.most, " selected"),
        "any" if most is None else f"up to €{most}",
    )


def _when(condition: bool, attribute: str) -> Markup:
    return Markup(attribute if condition else "")
