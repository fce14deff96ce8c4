"""Step Functions that run: moto's interpreter, whose tasks call this local AWS like any client.

moto keeps executing and merely stored state machines in two backends; here there is one, also for
those that CloudFormation creates. Known gap: tasks carry no trace header.
"""

from __future__ import annotations

import functools
import importlib
import os
import sys

from moto.core.config import default_user_config
from moto.stepfunctions import models, responses

from chainlight_demo.fabric.exchange import WsgiEnviron
from chainlight_demo.fabric.patches import MotoObject, Patches

_PORT_VARIABLE = "MOTO_PORT"
_TASK_MODULE = "moto.stepfunctions.parser.asl.component.state.exec.state_task.lambda_eval_utils"
_PARSER = "moto.stepfunctions.parser.models"


class StateMachines:
    """The switch to executing state machines; it is taken back by `uninstall`."""

    def __init__(self) -> None:
        self._port_before: str | None = None

    def install(self, patches: Patches) -> None:
        """Make moto execute, and CloudFormation create where it executes."""
        self._port_before = os.environ.get(_PORT_VARIABLE)
        default_user_config["stepfunctions"] = {"execute_state_machine": True}
        patches.replace(models, "stepfunctions_backends", _Accounts())
        patches.wrap(responses, "get_backend", functools.partial(_get_backend, patches))

    def uninstall(self) -> None:
        """Make moto store again without executing."""
        default_user_config["stepfunctions"] = {"execute_state_machine": False}
        os.environ.pop(_PORT_VARIABLE, None)
        if self._port_before is not None:
            os.environ[_PORT_VARIABLE] = self._port_before

    def is_busy(self) -> bool:
        """Say whether an execution is running."""
        parser = sys.modules.get(_PARSER)
        if parser is None:
            return False
        return any(
            execution.exec_status == "RUNNING"
            for account in list(parser.stepfunctions_parser_backends.values())
            for backend in list(account.values())
            for machine in list(backend.state_machines)
            for execution in list(machine.executions)
        )


def tell_port(environ: WsgiEnviron) -> None:
    """Let the interpreter know where its tasks find Lambda; moto reads it from this variable."""
    os.environ[_PORT_VARIABLE] = str(environ.get("SERVER_PORT", ""))


def _get_backend(
    patches: Patches, original: MotoObject, account_id: str, region: str
) -> MotoObject:
    """Patch the interpreter's Lambda task once it is loaded."""
    backend = original(account_id, region)
    task_module = importlib.import_module(_TASK_MODULE)
    if not hasattr(task_module.select_from_typed_dict, "__wrapped__"):
        patches.wrap(task_module, "select_from_typed_dict", _with_metadata)
    return backend


def _with_metadata(
    original: MotoObject, typed_dict: MotoObject, obj: dict[str, MotoObject]
) -> dict[str, MotoObject]:
    """Keep the callee's request id, which a task's output names on AWS and moto drops."""
    metadata = obj["ResponseMetadata"]
    answer: dict[str, MotoObject] = {
        **original(typed_dict=typed_dict, obj=obj),
        "SdkHttpMetadata": {
            "AllHttpHeaders": {k: [v] for k, v in metadata["HTTPHeaders"].items()},
            "HttpHeaders": metadata["HTTPHeaders"],
            "HttpStatusCode": metadata["HTTPStatusCode"],
        },
        "SdkResponseMetadata": {"RequestId": metadata["RequestId"]},
    }
    return answer


class _Accounts:
    """The executing backends, looked up late: importing the interpreter takes two seconds."""

    def __getitem__(self, account_id: str) -> _Regions:
        return _Regions(account_id)


class _Regions:
    def __init__(self, account_id: str) -> None:
        self._account_id = account_id

    def __getitem__(self, region: str) -> MotoObject:
        return responses.get_backend(self._account_id, region)
