"""`python -m chainlight_collector` is the command `chainlight`."""

from __future__ import annotations

from chainlight_collector.cli.main import main

if __name__ == "__main__":
    main()
