"""D1: where classes and functions are found again."""

from __future__ import annotations

import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from spindle._core.replay.places import found_at, place_of
from tests.talk import Bell

PROGRAM = """\
import sys

from spindle._core.replay.places import found_at, place_of


class Shop:
    class Till: ...


place = place_of(Shop.Till)
print(place, found_at(place) is Shop.Till, "shop" in sys.modules)
"""


def test_what_stands_in_a_module_is_found_by_its_name() -> None:
    place = place_of(Bell)
    assert place == "tests.talk:Talk.Bell"
    assert found_at(place) is Bell


def test_what_was_made_in_a_function_has_no_place() -> None:
    class Local: ...

    assert place_of(Local) == place_of(lambda: None) == place_of(7) == ""
    for place in ("tests.talk:Gone", "tests.gone:Talk", "", ":", "x"):
        with pytest.raises(LookupError, match="there is no "):
            found_at(place)


@pytest.mark.parametrize("command", [("shop.py",), ("-m", "shop")])
def test_a_program_is_found_by_the_name_that_others_import_it_by(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "shop.py").write_text(PROGRAM)
    ran = subprocess.run(
        [sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "shop:Shop.Till True False\n"


def test_a_program_that_its_modules_import_is_there_twice(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(
        f"import site_of_it\n\n{PROGRAM}\nsite_of_it.tell() if __name__ == '__main__' else None\n"
    )
    (tmp_path / "site_of_it.py").write_text(
        "def tell():\n"
        "    from shop import Shop, found_at, place_of\n"
        "    print(place_of(Shop.Till), found_at(place_of(Shop.Till)) is Shop.Till)\n"
        "    import __main__\n"
        "    till = __main__.Shop.Till\n"
        "    print(place_of(till), found_at(place_of(till)) is till)\n"
    )
    ran = subprocess.run(
        [sys.executable, "shop.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines() == [
        "shop:Shop.Till True False",
        "shop:Shop.Till True True",  # printed by the other one, when it is imported
        "shop:Shop.Till True",
        "__main__:Shop.Till True",
    ]


def test_a_process_that_was_spawned_is_called_as_the_program(tmp_path: Path) -> None:
    spawns = (
        "from multiprocessing import get_context\n"
        "def tell():\n"
        "    print(place_of(Shop.Till), found_at(place_of(Shop.Till)) is Shop.Till)\n"
        "if __name__ == '__main__':\n"
        "    spawned = get_context('spawn').Process(target=tell)\n"
        "    spawned.start()\n"
        "    spawned.join()\n"
    )
    (tmp_path / "shop.py").write_text(f"{PROGRAM}\n{spawns}")
    ran = subprocess.run(
        [sys.executable, "shop.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "shop:Shop.Till True" in ran.stdout.splitlines()


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        ({"__spec__": ModuleSpec("shop.__main__", None)}, "shop.__main__"),
        ({"__spec__": None, "__file__": "/there/shop.py"}, "shop"),
        ({"__spec__": None}, "__main__"),
    ],
    ids=["package", "script", "prompt"],
)
def test_how_a_program_is_called(
    attributes: dict[str, object], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = ModuleType("__main__")
    made = type("Made", (), {"__module__": "__main__", "__qualname__": "Made"})
    vars(main).update(attributes, Made=made)
    monkeypatch.setitem(sys.modules, "__main__", main)
    assert place_of(made) == f"{name}:Made"
    assert found_at(f"{name}:Made") is found_at("__main__:Made") is made
