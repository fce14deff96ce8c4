"""Changes to moto that can be taken back: every replaced attribute is restored in reverse order.

moto's classes are process-wide, so at most one fabric may be installed at a time; the second
`install` fails loudly instead of leaving half of somebody else's patches behind.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeAlias

MotoObject: TypeAlias = Any
"""An object of moto's. moto is imported without types (`follow_imports = skip`)."""

_ABSENT = object()


class Patches:
    """The replacements made so far, newest last."""

    def __init__(self) -> None:
        self._undo: list[tuple[MotoObject, str, object]] = []

    def replace(self, owner: MotoObject, name: str, value: object) -> None:
        """Set `owner.name` to `value` until `restore`; `name` need not exist before."""
        own_value = vars(owner).get(name, _ABSENT)
        self._undo.append((owner, name, own_value))
        setattr(owner, name, value)

    def wrap(self, owner: MotoObject, name: str, around: Callable[..., MotoObject]) -> None:
        """Replace a function or method by `around(original, *arguments)`.

        Class methods arrive with the class as the first argument after `original`.
        """
        raw = vars(owner)[name]
        original = raw.__func__ if isinstance(raw, classmethod | staticmethod) else raw

        @functools.wraps(original)
        def wrapper(*args: MotoObject, **kwargs: MotoObject) -> MotoObject:
            return around(original, *args, **kwargs)

        is_wrapped_type = isinstance(raw, classmethod | staticmethod)
        self.replace(owner, name, type(raw)(wrapper) if is_wrapped_type else wrapper)

    def restore(self) -> None:
        """Undo everything, newest first."""
        while self._undo:
            owner, name, value = self._undo.pop()
            if value is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, value)
