"""What mutmut has left in `mutants/`, read with its own functions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.utils.format_utils import orig_function_and_class_names_from_key

from mutation.mutant import KILLED, Change, Mutant

__all__ = ["KERNEL", "forget_survivors", "results"]

KERNEL: Final = Path("spindle", "_core", "kernel")


def results() -> Iterator[Mutant]:
    """Every mutant of the last run, in the order of the source."""
    for data in _files():
        for name, code in data.exit_code_by_key.items():
            yield Mutant(_change(data.path, name), status_by_exit_code[code])


def forget_survivors() -> None:
    """Let mutmut run again what survived; what it knows of the others stands."""
    for data in _files():
        for name, code in data.exit_code_by_key.items():
            if status_by_exit_code[code] not in KILLED:
                data.exit_code_by_key[name] = None
        data.save()


def _files() -> Iterator[SourceFileMutationData]:
    for path in sorted(walk_mutatable_files()):
        data = SourceFileMutationData(path=path)
        data.load()
        yield data


def _change(path: Path | str, name: str) -> Change:
    function, inside = orig_function_and_class_names_from_key(name)
    lines = get_diff_for_mutant(name, path=path).splitlines()[2:]  # behind the names of the files
    return Change(
        Path(path).relative_to(KERNEL).as_posix(),
        function if inside is None else f"{inside}.{function}",
        _those(lines, "-"),
        _those(lines, "+"),
    )


def _those(lines: list[str], sign: str) -> str:
    return "\n".join(line[1:].strip() for line in lines if line.startswith(sign))
