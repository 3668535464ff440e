"""References, from where a thing is defined to the name under which it is public."""

from __future__ import annotations

import re

from annotations import complete_annotations
from docutils import nodes
from public import MODULES, leaked, public_names, undocumented
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.logging import getLogger

logger = getLogger(__name__)

PUBLIC = {
    f"{value.__module__}.{value.__qualname__}": name
    for name, value in public_names().items()
    if hasattr(value, "__qualname__") and hasattr(value, "__module__")
}
"""Public names, by where they are defined."""

OWN = re.compile(r"~(spindle\.[\w.]+)")
TYPE_VARIABLE = re.compile(r"\.([A-Z]s?|T_co)$")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    complete_annotations()
    app.connect("autodoc-process-signature", tidy_signature)
    app.connect("doctree-read", name_publicly)
    app.connect("env-check-consistency", check)
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True}


def tidy_signature(
    app: Sphinx, what: str, name: str, value: object, options: object, arguments: str, result: str
) -> tuple[str, str] | None:
    """Leave out how a class is made that a program is handed, and what stands for a factory."""
    if what == "class" and _is_handed(name, value, arguments or ""):
        return "", result
    return (arguments.replace("<factory>", "..."), result) if arguments else None


def _is_handed(name: str, value: object, arguments: str) -> bool:
    taken = {each for each in OWN.findall(arguments) if not TYPE_VARIABLE.search(each)}
    return (
        name not in PUBLIC.values()
        or "Made by" in (value.__doc__ or "")
        or arguments == "(*args, **kwargs)"
        or not taken <= {*PUBLIC, "spindle._core.contracts.block.Block"}
    )


def name_publicly(app: Sphinx, doctree: nodes.document) -> None:
    """Refer to what is public by its public name, and leave private modules out of headings."""
    for reference in doctree.findall(addnodes.pending_xref):
        reference["reftarget"] = PUBLIC.get(reference["reftarget"], reference["reftarget"])
    for prefix in list(doctree.findall(addnodes.desc_addname)):
        if prefix.astext().rstrip(".") not in MODULES:
            prefix.parent.remove(prefix)


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Complain unless what is public is documented, and under its public name."""
    objects = env.domains.python_domain.objects
    documented = {name for name, entry in objects.items() if not entry.aliased}
    if missing := undocumented(documented):
        logger.warning("public, but on no page of the reference: %s", ", ".join(missing))
    if private := leaked(documented):
        logger.warning("documented under a private name: %s", ", ".join(private))


def resolve(
    app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, content: nodes.Element
) -> nodes.Element | None:
    """Find the heading of a class that has no public name; let code be code."""
    if node.get("refdomain") != "py":
        return None
    node["refexplicit"] = True
    label = f"handed-{node['reftarget'].rpartition('.')[2].lower()}"
    handed = env.domains.standard_domain.resolve_xref(
        env, node["refdoc"], app.builder, "ref", label, node, content
    )
    # Between backquotes stands any code, not only names.
    return content if handed is None and node["reftype"] == "obj" else handed
