"""Which AWS actions a function called: to compare a role with what its code really does.

Each sandbox signs with its function's name as session token, where Lambda gives a role's.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from chainlight_demo.fabric.exchange import WsgiEnviron, read_operation

if TYPE_CHECKING:
    from collections.abc import Iterable

_SERVICES = {"monitoring": "cloudwatch", "tagging": "tag"}
"""IAM's prefix where a request is signed for another name."""
_ACTIONS = {
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:UploadPart": "s3:PutObject",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}
"""The action that allows an API call of another name. Source: AWS's service authorization pages."""


class Ledger:
    """The actions of the functions that are watched; the others cost nothing."""

    def __init__(self) -> None:
        self._actions: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    def watch(self, function_names: Iterable[str]) -> None:
        """Begin to note what these functions call."""
        for name in function_names:
            self._actions.setdefault(name, set())

    def actions_of(self, function_name: str) -> set[str]:
        """Return the IAM actions that a watched function has needed so far."""
        with self._lock:
            return set(self._actions[function_name])

    def note(self, environ: WsgiEnviron, service: str) -> None:
        """Note a request if it was signed by a watched function."""
        name = str(environ.get("HTTP_X_AMZ_SECURITY_TOKEN", ""))
        if name in self._actions:
            call = f"{_SERVICES.get(service, service)}:{read_operation(environ, service)}"
            with self._lock:
                self._actions[name].add(_ACTIONS.get(call, call))
