"""`chainlight doctor` on the demo: what it says of the shop is what the shop's template says."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from .conftest import Evening

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]


def test_doctor_finds_what_the_shop_is_made_of(evening: Evening) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "chainlight_collector", "doctor", "--json"),
            *("--db", str(evening.database), "--log-group-prefix", "/aws/lambda/shop-"),
        ],
        env=evening.demo.aws.environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    found = {row["check"]: row for row in json.loads(done.stdout)["findings"]}
    states = {name: row["state"] for name, row in found.items()}
    assert "shop-fraud-score" in found["layer"]["details"]
    assert "shop-place-order" not in found["layer"]["details"]
    assert states["permissions"] == states["clock"] == states["transaction search"] == "ok", found
    assert states["log groups"] == "ok"
    assert found["coverage"]["details"], found
    assert done.returncode in (0, 3), done.stderr
