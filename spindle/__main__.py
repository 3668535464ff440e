"""`python -m spindle`."""

from __future__ import annotations

import sys

from spindle._tools.command import main

if __name__ == "__main__":
    sys.exit(main())
