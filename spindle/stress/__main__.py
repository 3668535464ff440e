"""`python -m spindle.stress`."""

from __future__ import annotations

import sys

from spindle.stress.command import main

if __name__ == "__main__":
    sys.exit(main())
