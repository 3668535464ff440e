"""Whether the tests have seen enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mutation.mutant import Change, Mutant

__all__ = ["ENOUGH", "enough", "report", "share"]

ENOUGH: Final = 85.0
"""Per cent that have to be killed."""


def share(mutants: Sequence[Mutant]) -> float:
    """How many are killed, in per cent."""
    return 100 * sum(each.killed for each in mutants) / len(mutants)


def enough(mutants: Sequence[Mutant]) -> bool:
    """Whether as many are killed as have to be; of none there are not."""
    return bool(mutants) and share(mutants) >= ENOUGH


def report(mutants: Sequence[Mutant], reviewed: Mapping[Change, str], *, whole: bool = True) -> str:
    """The survivors nobody has looked at, what is reviewed in vain, and the figures.

    Of a sample, not the `whole`, it is not known what is made no more.
    """
    alive = [each for each in mutants if not each.killed]
    unknown = [each for each in alive if each.change not in reviewed]
    parts = [f"{each.status}: {each.change}" for each in unknown]
    parts += _in_vain(mutants, reviewed, whole)
    parts.append(_by_file(mutants))
    parts.append(
        f"mutants: {len(mutants) - len(alive)} of {len(mutants)} killed, {share(mutants):.1f} % "
        f"(asked for: {ENOUGH:g} %)\n"
        f"survivors: {len(alive)}, of which {len(alive) - len(unknown)} are reviewed"
        f"{_kinds([reviewed[each.change] for each in alive if each.change in reviewed])} "
        f"and {len(unknown)} are not"
    )
    return "\n\n".join(parts)


def _in_vain(mutants: Sequence[Mutant], reviewed: Mapping[Change, str], whole: bool) -> list[str]:
    """Those of the list that did not survive; a change made twice may live and be killed."""
    alive = {each.change for each in mutants if not each.killed}
    made = {each.change for each in mutants}
    return [
        f"reviewed, but {'killed' if change in made else 'made no more'}: {change}"
        for change in reviewed
        if change not in alive and (whole or change in made)
    ]


def _kinds(reasons: Sequence[str]) -> str:
    kinds = Counter(reason.partition(":")[0] for reason in reasons)
    return (
        f" ({', '.join(f'{many} {kind}' for kind, many in kinds.most_common())})" if kinds else ""
    )


def _by_file(mutants: Sequence[Mutant]) -> str:
    lines: list[str] = []
    for file in dict.fromkeys(each.change.file for each in mutants):
        those = [each for each in mutants if each.change.file == file]
        killed, late = (
            sum(each.killed for each in those),
            sum(each.status == "timeout" for each in those),
        )
        by_time = f", {late} of them by the time they took" if late else ""
        lines.append(f"{file:<22} {killed:>4} of {len(those):>4}  {share(those):5.1f} %{by_time}")
    return "\n".join(lines)
