"""The environment and the command of a sandbox: what Lambda sets, and nothing of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chainlight_demo.local_aws.packages import PackageStore
from chainlight_demo.local_aws.registry import REGION, FunctionSettings
from chainlight_demo.local_aws.runtime_image import RuntimeImage, RuntimeImages

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_SESSION_TOKEN": "test",
}
_OPT = "/opt/"
_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Site:
    """Where sandboxes live and whom they can talk to."""

    images: RuntimeImages
    packages: PackageStore
    scratch_dir: Path
    endpoint_url: str
    xray_address: str


@dataclass(frozen=True, slots=True)
class Launch:
    """One process to start."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    working_dir: Path


def plan_launch(
    site: Site, settings: FunctionSettings, *, log_stream: str, api_address: str, telemetry_fd: int
) -> Launch:
    """Return how the sandbox of a function is started; unpacks its archives if need be."""
    task_dir = site.packages.task_dir(settings.code)
    opt_dir = site.packages.opt_dir(settings.layers)
    image = site.images.of(settings.runtime)
    environment = {
        **_system_variables(site, image, task_dir, opt_dir),
        **_function_variables(settings, log_stream),
        **_with_real_opt(settings.environment, opt_dir),
        "AWS_LAMBDA_RUNTIME_API": api_address,
        "_LAMBDA_TELEMETRY_LOG_FD": str(telemetry_fd),
    }
    command: tuple[str, ...] = (str(image.python), str(image.bootstrap))
    if wrapper := environment.get("AWS_LAMBDA_EXEC_WRAPPER"):
        command = (wrapper, *command)
    return Launch(command, environment, task_dir)


def _system_variables(
    site: Site, image: RuntimeImage, task_dir: Path, opt_dir: Path
) -> dict[str, str]:
    opt_paths = (opt_dir / "python" / "lib" / image.version / "site-packages", opt_dir / "python")
    return {
        **CREDENTIALS,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": site.endpoint_url,
        "AWS_XRAY_DAEMON_ADDRESS": site.xray_address,
        "_AWS_XRAY_DAEMON_ADDRESS": site.xray_address.partition(":")[0],
        "_AWS_XRAY_DAEMON_PORT": site.xray_address.partition(":")[2],
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "LAMBDA_TASK_ROOT": str(task_dir),
        "LAMBDA_RUNTIME_DIR": str(image.bootstrap.parent),
        "PYTHONPATH": ":".join(str(path) for path in (task_dir, *opt_paths)),
        "PATH": f"{image.python.parent}:{_PATH}:{opt_dir / 'bin'}",
        "LD_LIBRARY_PATH": f"{task_dir}:{task_dir / 'lib'}:{opt_dir / 'lib'}",
        "TMPDIR": str(site.scratch_dir),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
    }


def _function_variables(settings: FunctionSettings, log_stream: str) -> dict[str, str]:
    variables = {
        "_HANDLER": settings.handler,
        "AWS_SESSION_TOKEN": settings.name,  # who calls, for the ledger
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{settings.runtime}",
        "AWS_LAMBDA_FUNCTION_NAME": settings.name,
        "AWS_LAMBDA_FUNCTION_VERSION": settings.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(settings.memory_mb),
        "AWS_LAMBDA_LOG_GROUP_NAME": settings.logs.group,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_LAMBDA_LOG_FORMAT": "JSON" if settings.logs.is_json else "Text",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    }
    if settings.logs.application_level:
        variables["AWS_LAMBDA_LOG_LEVEL"] = settings.logs.application_level
    return variables


def _with_real_opt(variables: Mapping[str, str], opt_dir: Path) -> dict[str, str]:
    """Point AWS_LAMBDA_EXEC_WRAPPER below the unpacked layers: there is no `/opt` of ours."""
    real = dict(variables)
    wrapper = real.get("AWS_LAMBDA_EXEC_WRAPPER", "")
    if wrapper.startswith(_OPT):
        real["AWS_LAMBDA_EXEC_WRAPPER"] = str(opt_dir / wrapper.removeprefix(_OPT))
    return real
