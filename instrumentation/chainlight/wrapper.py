"""The handler that the exec wrapper names to Lambda: the user's own, resolved and traced.

Importing this module imports the user's module, exactly when Lambda would have. Errors in it
surface as without us: the runtime client's own resolver is used, so the error types and messages
(Runtime.ImportModuleError, HandlerNotFound, UserCodeSyntaxError) are its own. One difference
remains: the traceback of any other exception at import has this module's frames on top.
"""

from __future__ import annotations

import importlib
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Handler = Callable[..., object]


def _resolve(name: str) -> Handler:
    """Return the handler of that name as the runtime client would."""
    bootstrap = sys.modules.get("awslambdaric.bootstrap")
    resolver = getattr(bootstrap, "_get_handler", None) or _resolve_plainly
    user_handler: Handler = resolver(name)
    return user_handler


def _resolve_plainly(name: str) -> Handler:
    module_name, _, function_name = name.rpartition(".")
    module = importlib.import_module(module_name.replace("/", "."))
    user_handler: Handler = getattr(module, function_name)
    return user_handler


def _load() -> Handler:
    name = os.environ["CHAINLIGHT_HANDLER"]
    # Libraries that read _HANDLER must see the user's handler, not ours.
    os.environ["_HANDLER"] = name
    try:
        from chainlight.imports import install  # noqa: PLC0415
        from chainlight.life import trace  # noqa: PLC0415

        install()
    except Exception as error:  # noqa: BLE001 - a broken layer must not break the function
        sys.stderr.write(f"chainlight E06 {type(error).__name__}; the handler runs unrecorded\n")
        return _resolve(name)
    return trace(_resolve(name))


handler = _load()
