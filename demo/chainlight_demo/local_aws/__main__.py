"""Run the local AWS on its own: print where it is, end on SIGTERM or SIGINT."""

from __future__ import annotations

import signal
import sys
import threading

from chainlight_demo.local_aws import LocalAws


def main() -> int:
    """Serve until a signal comes; everything temporary is gone afterwards."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with LocalAws() as aws:
        sys.stdout.write(f"AWS_ENDPOINT_URL={aws.endpoint_url}\n")
        sys.stdout.flush()
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
