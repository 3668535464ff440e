"""How the documents and the docstrings become one set of pages: `make docs`.

The source folder is the whole repository, so that a link between two documents is the same path
here and where the repository is read.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE)]

project = "Spindle"
author = "Spindle contributors"
root_doc = "README"
include_patterns = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/**.md"]
exclude_patterns = ["**/.venv*", "**/node_modules"]
extensions = [
    "sphinx.ext.autodoc",
    "myst_parser",
    "entry",
    "links",
    "names",
    "docstrings",
]
needs_sphinx = "9.0"
nitpicky = True
# Nothing is loaded while building: what other packages document is not linked to.
nitpick_ignore_regex = [
    (
        "py:.*",
        r"(collections|contextlib|contextvars|datetime|enum|hypothesis|msgspec|pathlib|random)\..*",
    ),
    ("py:.*", r"(spindle\..*\.)?([A-Z]s?|T_co|Outcome|PointedBy)"),  # type variables
    ("py:.*", r"spindle\.(_.*|web\.(http|live|page|socket|tab)\..*)"),  # no program names them
    ("py:.*", r"(h11|jinja2|logging|markupsafe|opentelemetry|sqlite3|trio|trio_websocket)\..*"),
    ("py:.*", r"(t|types|typing|typing_extensions)\..*"),
]

html_theme = "furo"
html_title = "Spindle"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False

myst_heading_anchors = 3

default_role = "py:obj"
autodoc_default_options = {"members": True, "undoc-members": True}
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_class_signature = "mixed"
autoclass_content = "both"
autodoc_inherit_docstrings = False
maximum_signature_line_length = 88
