"""Serve the shop: `python -m examples.checkout`; PORT= and SHOP= choose the port and the file."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from examples.checkout.app import tea_shop
from examples.checkout.shop import open_shop


def main() -> None:
    """Serve until Ctrl-C."""
    with TemporaryDirectory(prefix="tea-") as folder:
        path = Path(os.environ.get("SHOP") or Path(folder, "shop.db"))
        with open_shop(path) as shop:
            tea_shop(shop).run()


if __name__ == "__main__":
    main()
