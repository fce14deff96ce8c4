"""One run of the demo: local AWS up, both stacks deployed, orders placed, collector invoked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.config import Config

from chainlight_collector import objects
from chainlight_collector.store import Store
from chainlight_demo import libraries, truth
from chainlight_demo.driver import drive
from chainlight_demo.fabric.deploy import deploy_stack
from chainlight_demo.local_aws import LocalAws
from chainlight_demo.orders import entries

PROJECT = Path(__file__).resolve().parents[2]
SHOP = Path(__file__).parent / "shop"
QUERIES = Path(__file__).parent / "queries"
DATABASE_KEY = "chainlight.duckdb"
OWN_PARAMETERS = {"LogGroupPrefix": "/aws/lambda/shop-", "SettleSeconds": "0"}
PATIENT = Config(read_timeout=300, retries={"total_max_attempts": 1})


@dataclass(slots=True)
class Demo:
    """A shop on a local AWS, with chainlight's own stack beside it."""

    aws: LocalAws
    directory: Path
    bucket: str
    collector_name: str
    orders_count: int = 0

    @property
    def witness_directory(self) -> Path:
        """Where the shop's handlers write what they did."""
        return self.directory / "witness"

    @property
    def database_uri(self) -> str:
        """Where the collector Lambda publishes the database."""
        return f"s3://{self.bucket}/{DATABASE_KEY}"

    def place_orders(self, on_done: Callable[[], None]) -> None:
        """Place one round of orders and wait until the last retry and redelivery is over."""
        round_entries = entries(first=self.orders_count)
        self.orders_count += len(round_entries)
        drive(self._patient_lambda(), round_entries, on_done)
        self.aws.wait_until_quiet()

    def collect(self) -> dict[str, Any]:
        """Invoke the real collector Lambda and return its summary.

        Raises:
            RuntimeError: the collector failed; the message is its error.

        """
        answer = self._patient_lambda().invoke(FunctionName=self.collector_name, Payload=b"{}")
        summary: dict[str, Any] = json.load(answer["Payload"])
        if "FunctionError" in answer:
            raise RuntimeError(f"the collector Lambda failed: {json.dumps(summary)}")
        return summary

    def fetch_database(self) -> Path:
        """Copy the published database to this machine and return its path."""
        client = self.aws.client("s3")
        return objects.fetch(self.database_uri, self.directory / "db", client=client)

    def truth(self) -> truth.Truth:
        """Read what the handlers say they did."""
        return truth.read(self.witness_directory)

    def _patient_lambda(self) -> Any:  # noqa: ANN401
        return self.aws.client("lambda", config=PATIENT)


@contextmanager
def deployed(directory: Path, say: Callable[[str], None]) -> Iterator[Demo]:
    """Start a local AWS and deploy chainlight's own template and the shop's beside it."""
    witness_directory = directory / "witness"
    witness_directory.mkdir(parents=True)
    with LocalAws() as aws:
        say(f"local AWS at {aws.endpoint_url}")
        own = deploy_stack(aws.client, PROJECT / "template.yaml", "chainlight", OWN_PARAMETERS)
        say("deployed template.yaml: the layer, the collector, its bucket")
        deploy_stack(
            aws.client,
            SHOP / "template.yaml",
            "shop",
            {"LayerArn": own["LayerArn"], "WitnessDirectory": str(witness_directory)},
            {"libraries/": libraries.copy_to(directory / "libraries")},
        )
        say("deployed the shop: 19 functions")
        yield Demo(aws, directory, own["BucketName"], own["CollectorName"])


def ask(database: Path, query: str) -> dict[str, Any]:
    """Return the first row of one of the demo's queries, by column name."""
    store = Store.open(database, read_only=True)
    try:
        answer = store.query((QUERIES / f"{query}.sql").read_text(encoding="utf-8"))
        names = [column[0] for column in answer.description]
        return dict(zip(names, answer.fetchone() or [None] * len(names), strict=True))
    finally:
        store.close()
