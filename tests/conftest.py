"""Property tests draw the same examples each time, so that a commit is green or red, not both.

Asked for more examples than usual (``CHAINLIGHT_EXAMPLES``), they draw new ones: that is a search.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True)
if "CHAINLIGHT_EXAMPLES" not in os.environ:
    settings.load_profile("repeatable")
