"""With what a lasting page began: the first frame of its log, known to its store, too."""

from __future__ import annotations

from inspect import unwrap
from typing import TYPE_CHECKING, Any

import msgspec

from spindle._core.contracts.contract import describe
from spindle._core.errors import ContractError, ReplayMismatch, UsageError
from spindle._core.functions import is_async_function
from spindle._core.names import name_of
from spindle._core.replay.places import MEND, Unimportable, found_at, place_of
from spindle._core.supervision import Escalate, Report, Restart, check_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spindle._core.contracts.contract import Declared, Spindle
    from spindle._core.contracts.description import Description
    from spindle._core.kernel.record import SpindleFunction
    from spindle._core.supervision import Policy

__all__ = ["Beginning", "check_start", "contract_at", "place_of_contract"]


class Beginning(msgspec.Struct, frozen=True, array_like=True):
    """What is known of a page for good."""

    contract: str
    """Where its contract stands, `shop.contract:Store`."""
    seed: int
    """Of its chance."""
    opened: float
    """When its clock stood at 0, in seconds since 1970."""

    def encode(self) -> bytes:
        """Write it down."""
        return msgspec.msgpack.encode(self)

    @staticmethod
    def decode(data: bytes) -> Beginning:
        """Read what was written."""
        return msgspec.msgpack.decode(data, type=Beginning)


def place_of_contract(contract: Declared) -> str:
    """Where a contract is found again.

    Raises:
        ContractError: it is none.
        UsageError: it is not found by its name, for it was made in a function.
    """
    describe(contract)
    place = place_of(contract)
    if not place:
        raise UsageError(
            f"the contract of a page that is to outlive its process is found by its name then: "
            f"declare {name_of(contract)} at the top of a module"
        )
    return place


def contract_at(place: str, page: str) -> Description:
    """The contract that stands there now.

    Raises:
        ReplayMismatch: none does.
    """
    try:
        found: Any = found_at(place)
        return describe(found)
    except (LookupError, ContractError) as gone:
        cause, mend = _why(gone, place)
        raise ReplayMismatch(
            f"the contract of page {page} is not where it was: {gone}\n  likely cause: {cause}\n"
            f"  to mend it: {mend}\n  nothing was executed, and the log is unchanged"
        ) from gone


def _why(gone: Exception, place: str) -> tuple[str, str]:
    if isinstance(gone, Unimportable):
        return gone.cause, MEND
    module, _, name = place.partition(":")
    return "it was renamed or moved, or its module is not to be found from here", (
        f"let {module} have {name}, if only by an import; a contract and its blocks keep their "
        f"names as long as pages of theirs live, for what is in the log is named after them"
    )


def check_start(
    block: type[Spindle[Any]],
    fn: SpindleFunction,
    provide: Mapping[type, object],
    policy: Policy,
    significant: bool,
) -> None:
    """See that a spindle can be started again from the log.

    Raises:
        UsageError: it cannot, for its function would not be found or is not async, `provide` or a
            policy of a class of its own is not kept, or something is of a wrong type.
    """
    check_policy(policy, significant)
    if type(policy) not in (Report, Escalate, Restart):
        raise UsageError(
            f"{name_of(block)} was given a policy of a class of its own, {name_of(type(policy))}, "
            f"which a page that outlives its process cannot keep: give it a plain Restart(...)"
        )
    if provide:
        raise UsageError(
            f"{name_of(block)} was given provide=, which is not in the log of a page that outlives "
            f"its process: give it to the host, which has it after a restart, too"
        )
    if not place_of(fn):
        raise UsageError(
            f"{name_of(fn)} would not be found again after a restart: a spindle of a page that "
            f"outlives its process is a function at the top of a module, and what it needs is in "
            f"its arguments"
        )
    if not is_async_function(unwrap(fn)):
        raise UsageError(
            f"{name_of(fn)} is to run as a spindle of a page that outlives its process: write "
            f"`async def`, and in it `await` where a `yield` stands"
        )
