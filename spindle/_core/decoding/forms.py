"""Events from forms: names and texts, as a browser posts them, by one table of rules.

| posted                       | field            | value                                          |
|------------------------------|------------------|------------------------------------------------|
| `shipping.street`            | a record         | nested                                         |
| a name several times         | list, set, tuple | its items, in order                            |
| `lines.0.sku`, `lines.1.sku` | list of records  | its rows, in the order of the numbers          |
| nothing                      | bool             | False: browsers leave an unticked box out      |
| nothing                      | list, set, tuple | empty: nothing was chosen                      |
| nothing                      | with a default   | the default                                    |
| nothing, or empty texts only | optional         | None                                           |
| nothing                      | a record         | its own fields by this table                   |
| an empty text                | text             | the empty text, within its limits              |
| an empty text                | with a default   | the default                                    |
| nothing, or an empty text    | any other        | fault: Fill in this field.                     |
| `on`, `true`, `1`            | bool             | True                                           |
| a text                       | number, date ... | what it spells; a fault if it spells none      |
| a name that no field has     |                  | fault: There is no such field.                 |

Names are those of the Python fields, as `fields(Checkout.ShippingGiven).shipping.street` spells
them. All faults are found at once, each in words for the visitor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from spindle._core.decoding.decode import find_event
from spindle._core.decoding.faults import DecodeError
from spindle._core.decoding.form_reading import FormReading
from spindle._core.decoding.form_wording import NOT_VALID
from spindle._core.decoding.shaping import shape_of

if TYPE_CHECKING:
    from spindle._core.contracts.contract import Declared
    from spindle._core.messages import Event

__all__ = ["decode_form"]


def decode_form(contract: Declared, wire_name: str, pairs: Sequence[tuple[str, str]]) -> Event:
    """Decode the names and texts of a posted form.

    Args:
        contract: The contract, or block, whose event it is.
        wire_name: The name of the event, "Checkout.ShippingGiven".
        pairs: What was posted, in its order. How much may be posted is the caller's to limit.

    Raises:
        DecodeError: there is no such event, or the form is not one; `faults` has every fault.
        ContractError: `contract` is neither a contract nor a block.
    """
    event = find_event(contract, wire_name)
    reading = FormReading()
    try:
        value = reading.form(shape_of(event), pairs)
    except RecursionError:  # the event holds itself without end
        raise DecodeError(event, {"": NOT_VALID}) from None
    if reading.faults:
        raise DecodeError(event, reading.faults)
    assert isinstance(value, event)
    return value
