"""The document a page arrives in: real HTML, the script by its address, nothing inline.

The script stands in the head and is not deferred: browsers show nothing before it has run, so that
there is nothing to click that nobody listens to. Behind the stylesheets it would wait for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SOCKET_PATH", "document"]

SOCKET_PATH = "/spindle/socket"

_DOCUMENT = """<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{script}{links}</head>
<body>
<div id="spindle" data-page="{page}" data-leave="{leave}" data-socket="{socket}"{more}>{root}</div>
<noscript>This page needs JavaScript to take your answers.</noscript>
</body>
</html>
"""


def document(
    root: str,
    *,
    title: str,
    lang: str,
    page: str,
    leave: str,
    socket: str = SOCKET_PATH,
    stylesheets: Sequence[str] = (),
    script: str | None = None,
    lasting: bool = False,
) -> str:
    """Wrap a rendered page. `root` is HTML already; everything else is escaped here.

    Args:
        root: the page's HTML, byte for byte what the browser's text starts from.
        title: of the document.
        lang: the language tag of its text.
        page: the token the socket hands in.
        leave: the token of the leaving cookie.
        socket: address of the socket.
        stylesheets: addresses of stylesheets.
        script: address of the browser script.
        lasting: whether the page is there again when its socket was lost.
    """
    links = "".join(f'<link rel="stylesheet" href="{escape(url)}">\n' for url in stylesheets)
    return _DOCUMENT.format(
        root=root,
        title=escape(title),
        lang=escape(lang),
        page=escape(page),
        leave=escape(leave),
        socket=escape(socket),
        more=" data-lasting" if lasting else "",
        links=links,
        script=f'<script src="{escape(script)}"></script>\n' if script else "",
    )
