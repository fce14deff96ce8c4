"""Function code and layers on disk: every archive is unpacked once, whoever uses it."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from pathlib import Path

from chainlight_demo.local_aws.registry import Zip

_MODE_SHIFT = 16


class PackageStore:
    """Unpacked archives below one folder, named by the digests of what they hold."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def task_dir(self, code: Zip) -> Path:
        """Return where Lambda's `/var/task` is."""
        return self._unpacked("task", (code,))

    def opt_dir(self, layers: tuple[Zip, ...]) -> Path:
        """Return where Lambda's `/opt` is; a later layer overwrites an earlier one."""
        return self._unpacked("opt", layers)

    def _unpacked(self, kind: str, archives: tuple[Zip, ...]) -> Path:
        digest = hashlib.sha256("".join(archive.sha256 for archive in archives).encode())
        target = self._folder / f"{kind}-{digest.hexdigest()[:16]}"
        with self._lock:
            if not target.exists():
                _unpack(archives, target)
        return target


def _unpack(archives: tuple[Zip, ...], target: Path) -> None:
    unfinished = target.with_suffix(".unfinished")
    unfinished.mkdir(parents=True, exist_ok=True)
    for archive in archives:
        if archive.content:
            _extract(archive.content, unfinished)
    unfinished.rename(target)


def _extract(content: bytes, folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            path = Path(archive.extract(entry, folder))
            mode = entry.external_attr >> _MODE_SHIFT
            if mode and not entry.is_dir():
                path.chmod((mode & 0o777) | 0o444)
