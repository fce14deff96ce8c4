"""The exec wrapper under AWS's own runtime client: same handler, same errors, one line more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
REQUEST_ID = "11111111-2222-3333-4444-555555555555"
FUNCTION_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:shop-orders"
PREFIX = '{"chainlight":1,'
BOOT = (
    "import os, sys\n"
    "sys.path.insert(0, os.environ['LAMBDA_TASK_ROOT'])\n"
    "from awslambdaric.__main__ import main\n"
    "main(['bootstrap', os.environ['_HANDLER']])\n"
)


class RuntimeApi:
    """Lambda's Runtime API for one event: then it answers no more, and the sandbox is ended."""

    def __init__(self) -> None:
        self.posts: dict[str, Any] = {}
        self.done = threading.Event()
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

            def do_GET(self) -> None:
                if "response" in api.posts or "error" in api.posts:
                    api.done.set()
                    self.close_connection = True
                    return
                self.send_response(200)
                self.send_header("Lambda-Runtime-Aws-Request-Id", REQUEST_ID)
                self.send_header("Lambda-Runtime-Deadline-Ms", "4102444800000")
                self.send_header("Lambda-Runtime-Invoked-Function-Arn", FUNCTION_ARN)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "7")
                self.end_headers()
                self.wfile.write(b'{"a":1}')

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                kind = "init" if self.path.endswith("init/error") else self.path.split("/")[-1]
                api.posts[kind] = json.loads(body)
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        """Stop the server and give its port back."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., tuple[dict[str, Any], str, str]]]:
    """Return a function that runs a handler's source in a sandbox, wrapped or bare."""
    layer = tmp_path / "opt"
    layer.mkdir()
    (layer / "python").symlink_to(ROOT / "instrumentation")
    wrapper = layer / "chainlight"
    wrapper.write_bytes((ROOT / "instrumentation" / "wrapper" / "chainlight").read_bytes())
    wrapper.chmod(0o755)
    apis = []

    def run_one(
        source: str, *, is_wrapped: bool, handler: str = "app.handler", **environment: str
    ) -> tuple[dict[str, Any], str, str]:
        task = tmp_path / "task"
        task.mkdir(exist_ok=True)
        (task / "app.py").write_text(source)
        api = RuntimeApi()
        apis.append(api)
        command = [sys.executable, "-c", BOOT]
        done = subprocess.run(
            [str(wrapper), *command] if is_wrapped else command,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONDONTWRITEBYTECODE": "1",
                "LAMBDA_TASK_ROOT": str(task),
                "_HANDLER": handler,
                "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server.server_port}",
                "AWS_LAMBDA_FUNCTION_NAME": "shop-orders",
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return api.posts, done.stdout, done.stderr

    yield run_one
    for api in apis:
        api.close()


def _lines(stdout: str) -> list[str]:
    return [line for line in stdout.splitlines() if line.startswith(PREFIX)]


def test_result_is_the_handlers_and_one_line_is_printed(run: Any) -> None:
    source = "def handler(event, context):\n    return {'got': event}\n"

    bare, bare_out, _ = run(source, is_wrapped=False)
    wrapped, wrapped_out, _ = run(source, is_wrapped=True)

    assert wrapped["response"] == bare["response"] == {"got": {"a": 1}}
    assert _lines(bare_out) == []
    (line,) = _lines(wrapped_out)
    record = json.loads(line)
    assert (record["r"], record["f"], record["k"]) == (REQUEST_ID, FUNCTION_ARN, 1)


def test_libraries_see_the_users_handler_in_the_environment(run: Any) -> None:
    source = "import os\nHANDLER = os.environ['_HANDLER']\ndef handler(e, c):\n    return HANDLER\n"

    assert run(source, is_wrapped=True)[0]["response"] == "app.handler"


def test_boto3_imported_by_the_user_is_hooked(run: Any) -> None:
    source = (
        "import botocore.client\n"
        "def handler(event, context):\n"
        "    loader = type(botocore.client.__loader__).__name__\n"
        "    method = botocore.client.BaseClient._make_api_call\n"
        "    return [loader, method.__name__, hasattr(method, '__wrapped__')]\n"
    )

    result = run(source, is_wrapped=True)[0]["response"]

    assert result == ["SourceFileLoader", "_make_api_call", True]


def test_handler_that_never_touches_aws_does_not_import_botocore(run: Any) -> None:
    source = (
        "import sys\ndef handler(e, c):\n    return [n for n in sys.modules if 'botocore' in n]\n"
    )

    assert run(source, is_wrapped=True)[0]["response"] == []


@pytest.mark.parametrize(
    ("source", "handler", "error_type"),
    [
        ("import missing_module\n", "app.handler", "Runtime.ImportModuleError"),
        ("", "app.handler", "Runtime.HandlerNotFound"),
        ("def handler(:\n", "app.handler", "Runtime.UserCodeSyntaxError"),
        ("", "nowhere.handler", "Runtime.ImportModuleError"),
        ("", "handler", "Runtime.MalformedHandlerName"),
        ("raise KeyError('mine')\n", "app.handler", "KeyError"),
    ],
)
def test_errors_at_import_surface_as_without_the_wrapper(
    run: Any, source: str, handler: str, error_type: str
) -> None:
    bare, _, _ = run(source, is_wrapped=False, handler=handler)
    wrapped, _, _ = run(source, is_wrapped=True, handler=handler)

    assert bare["init"]["errorType"] == wrapped["init"]["errorType"] == error_type
    assert bare["init"]["errorMessage"] == wrapped["init"]["errorMessage"]
    if error_type.startswith("Runtime."):
        assert wrapped["init"] == bare["init"]


def test_error_of_the_handler_has_the_same_stack_trace(run: Any) -> None:
    source = "def deeper():\n    1 / 0\ndef handler(event, context):\n    deeper()\n"

    bare, _, _ = run(source, is_wrapped=False)
    wrapped, out, _ = run(source, is_wrapped=True)

    assert wrapped["error"] == bare["error"]
    assert json.loads(_lines(out)[0])["e"] == "ZeroDivisionError"


def test_off_changes_nothing(run: Any) -> None:
    source = (
        "import os, sys\n"
        "def handler(event, context):\n"
        "    return ['chainlight' in sys.modules, os.environ.get('CHAINLIGHT_HANDLER')]\n"
    )

    posts, out, _ = run(source, is_wrapped=True, CHAINLIGHT_OFF="1")

    assert posts["response"] == [False, None]
    assert _lines(out) == []


def test_broken_layer_does_not_break_the_function(run: Any, tmp_path: Path) -> None:
    python = tmp_path / "opt" / "python"
    python.unlink()
    package = python / "chainlight"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    text = (ROOT / "instrumentation" / "chainlight" / "wrapper.py").read_text()
    (package / "wrapper.py").write_text(text)

    posts, _, errors = run("def handler(e, c):\n    return 'mine'\n", is_wrapped=True)

    assert posts["response"] == "mine"
    assert "chainlight E06 ModuleNotFoundError" in errors


def test_level_passes_the_functions_own_filter_in_json_logs(run: Any) -> None:
    _, out, _ = run(
        "def handler(e, c):\n    return 1\n",
        is_wrapped=True,
        AWS_LAMBDA_LOG_FORMAT="JSON",
        AWS_LAMBDA_LOG_LEVEL="ERROR",
    )

    (line,) = _lines(out)
    assert json.loads(line)["level"] == "ERROR"
    assert json.loads(line)["timestamp"].endswith("Z")
