"""The figures, one a file, in the order they are shown in.

Each file has a `figure`, a `Figure`.
"""

__all__ = ["NAMES"]

NAMES = (
    "yield_round_trip",
    "sender_round_trip",
    "notify",
    "fork_join",
    "await_any",
    "page_open_close",
    "idle_page_bytes",
    "cancel",
    "cascade",
    "full_gc",
    "loop_hold",
    "tracing",
    "hand_step",
    "state_machines",
    "property_examples",
    "replay",
    "import_time",
    "laboratory",
    "durable_append",
    "durable_pages",
)
