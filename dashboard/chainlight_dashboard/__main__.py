"""`python -m chainlight_dashboard --db FILE`."""

from __future__ import annotations

import sys

from chainlight_dashboard.launch import main

if __name__ == "__main__":
    sys.exit(main())
