"""The local AWS: moto, our Lambda data plane and what the fabric adds, in one process.

Everything listens on loopback, on ports the system picks. moto's state belongs to the process, so
there is one local AWS per process at a time; it starts empty and leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import boto3
from botocore.config import Config
from moto.moto_api._internal.models import moto_api_backend
from moto.server import DomainDispatcherApplication, create_backend_app

from chainlight_demo import fabric
from chainlight_demo.fabric.faults import Faults
from chainlight_demo.fabric.ledger import Ledger
from chainlight_demo.fabric.xray_store import XrayStore
from chainlight_demo.local_aws.destinations import Outbox
from chainlight_demo.local_aws.environment import CREDENTIALS, Site
from chainlight_demo.local_aws.front import Front, StartResponse, WsgiApp, WsgiEnviron
from chainlight_demo.local_aws.http_server import HttpServer
from chainlight_demo.local_aws.loop_thread import LoopThread
from chainlight_demo.local_aws.moto_lambda import keep_configuration
from chainlight_demo.local_aws.packages import PackageStore
from chainlight_demo.local_aws.plane import DataPlane, Surroundings
from chainlight_demo.local_aws.registry import REGION
from chainlight_demo.local_aws.runtime_image import RuntimeImages
from chainlight_demo.local_aws.xray_listener import listen

BotoClient: TypeAlias = Any
_CLIENT_CONFIG = Config(max_pool_connections=64, s3={"addressing_style": "path"})
_QUIET_CHECK_S = 0.02
_QUIET_CHECKS_COUNT = 3


class LocalAws:
    """A context manager; `plane`, `endpoint_url` and the rest are good while it is entered.

    `time_scale` is the share of AWS's own waits (retries, back-off) that is really waited; the run
    time and the timeouts of functions are never scaled. `environments`: see `RuntimeImages`.
    """

    def __init__(
        self,
        *,
        time_scale: float = 0.02,
        work_dir: Path | None = None,
        account_concurrency: int = 1_000,
        environments: Mapping[str, Path] | None = None,
    ) -> None:
        self.time_scale = time_scale
        self.faults = Faults()
        self.ledger = Ledger()
        self.xray = XrayStore(self.faults)
        self.plane: DataPlane
        self._account_concurrency = account_concurrency
        self._environments = environments or {}
        self._parent_dir = work_dir
        self._dir: Path
        self._app: WsgiApp
        self._http: HttpServer
        self._undo = ExitStack()
        self._clients: dict[tuple[str, Config | None], BotoClient] = {}
        self._clients_lock = threading.Lock()

    @property
    def endpoint_url(self) -> str:
        """Return the one address of all services."""
        return self._http.url

    def environment(self) -> dict[str, str]:
        """Return the variables with which boto3 and the AWS CLI find this AWS and nothing else."""
        return {
            **CREDENTIALS,
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
        }

    def client(self, service: str, *, config: Config | None = None) -> BotoClient:
        """Return the boto3 client of a service, thread-safe and one per service and config."""
        key = (service, config)
        with self._clients_lock:
            if key not in self._clients:
                self._clients[key] = self._new_client(service, config or Config())
            return self._clients[key]

    def wait_until_quiet(self, timeout_s: float = 60) -> None:
        """Wait until nothing runs, nothing is queued and no source has a delivery to make.

        Raises:
            TimeoutError: it was still busy after `timeout_s`.
        """
        deadline_s = time.monotonic() + timeout_s
        quiet_count = 0
        while quiet_count < _QUIET_CHECKS_COUNT:
            quiet_count = 0 if self.plane.is_busy else quiet_count + 1
            if time.monotonic() > deadline_s:
                raise TimeoutError(f"the local AWS was still busy after {timeout_s} s")
            time.sleep(_QUIET_CHECK_S)

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            self._open(undo)
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._undo.close()

    def _open(self, undo: ExitStack) -> None:
        """Start everything; `undo` ends it in reverse order, also after a failure half-way."""
        moto_api_backend.reset()
        undo.callback(moto_api_backend.reset)
        keep_configuration()
        self._dir = Path(tempfile.mkdtemp(prefix="chainlight-aws-", dir=self._parent_dir))
        undo.callback(shutil.rmtree, self._dir, ignore_errors=True)
        undo.callback(self._close_clients)
        loop_thread = LoopThread()
        loop_thread.start()
        undo.callback(loop_thread.stop)
        self._http = HttpServer(self._serve)
        undo.callback(self._http.stop)
        udp, xray_address = loop_thread.run(listen(self.xray.put_document))
        undo.callback(loop_thread.loop.call_soon_threadsafe, udp.close)
        self.plane = loop_thread.run(self._new_plane(xray_address))
        undo.callback(lambda: loop_thread.run(self.plane.close()))
        moto_app: WsgiApp = DomainDispatcherApplication(create_backend_app)
        self._app = fabric.middleware(Front(moto_app, self.plane), self)
        fabric.install(self)
        undo.callback(fabric.uninstall, self)
        self._http.start()

    def _close_clients(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    async def _new_plane(self, xray_address: str) -> DataPlane:
        scratch_dir = self._dir / "scratch"
        scratch_dir.mkdir()
        site = Site(
            images=RuntimeImages(self._dir / "runtime", self._environments),
            packages=PackageStore(self._dir / "packages"),
            scratch_dir=scratch_dir,
            endpoint_url=self.endpoint_url,
            xray_address=xray_address,
        )
        around = Surroundings(
            loop=asyncio.get_running_loop(),
            site=site,
            time_scale=self.time_scale,
            account_concurrency=self._account_concurrency,
            put_segment=self.xray.put_document,
            runs_twice=lambda: self.faults.happens(self.faults.duplicate_async_share),
        )
        return DataPlane(around, Outbox(self.client, self._invoke_async).settle)

    def _invoke_async(self, arn: str, payload: bytes, trace_header: str) -> None:
        self.plane.invoke(arn, payload, mode="async", trace_header=trace_header)

    def _serve(self, environ: WsgiEnviron, start_response: StartResponse) -> Iterable[bytes]:
        return self._app(environ, start_response)

    def _new_client(self, service: str, config: Config) -> BotoClient:
        return boto3.session.Session().client(
            service,
            endpoint_url=self.endpoint_url,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=_CLIENT_CONFIG.merge(config),
        )
