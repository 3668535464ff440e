"""Figures: what Spindle costs, as ratios to floors measured in the same rounds."""

from __future__ import annotations

from spindle._core.operations import dropped

# Measured as in production, without what `spindle.testing` switches on.
dropped.tell_of_dropped = lambda: None
