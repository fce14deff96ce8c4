from __future__ import annotations

import json
from typing import Any

import pytest

from chainlight_collector import addresses
from chainlight_collector.addresses import LakeAddress
from chainlight_collector.aws import AwsError
from chainlight_collector.catalog_secrets import catalog_url, resolved
from chainlight_collector.errors import UsageError

RDS = {"username": "lake", "password": "p@ss/word", "host": "db.internal", "engine": "postgres"}


def _lake(text: str) -> LakeAddress:
    address = addresses.parse(text)
    assert isinstance(address, LakeAddress)
    return address


@pytest.mark.parametrize(
    ("secret", "given", "url"),
    [
        ("postgres://lake:pw@db/chains", {}, "postgres://lake:pw@db/chains"),
        ("postgres://db/c?a=b", {"sslmode": "require"}, "postgres://db/c?a=b&sslmode=require"),
        (json.dumps(RDS), {}, "postgres://lake:p%40ss%2Fword@db.internal:5432/postgres"),
        (
            json.dumps({"username": "lake", "password": "pw"}),  # as RDS manages it itself
            {"host": "db", "dbname": "chains", "sslmode": "require"},
            "postgres://lake:pw@db:5432/chains?sslmode=require",
        ),
        (
            json.dumps(RDS | {"port": 6432, "dbname": "chains"}),
            {},
            "postgres://lake:p%40ss%2Fword@db.internal:6432/chains",
        ),
    ],
)
def test_secret_is_a_url_or_what_rds_keeps(secret: str, given: dict[str, str], url: str) -> None:
    assert catalog_url(secret, given, "catalog") == url


@pytest.mark.parametrize("secret", ["", "hunter2", "[]", "7", '{"username": "lake"}'])
def test_secret_of_another_shape_is_refused_without_showing_it(secret: str) -> None:
    with pytest.raises(UsageError, match="the secret catalog holds neither") as refusal:
        catalog_url(secret, {}, "catalog")
    assert "hunter2" not in str(refusal.value)


def test_address_may_name_a_secret_that_is_asked_for_when_the_lake_is_opened(moto: Any) -> None:
    made = moto("secretsmanager").create_secret(
        Name="catalog", SecretString=json.dumps({"username": "lake", "password": "pw"})
    )
    address = _lake(
        f"ducklake:secretsmanager:{made['ARN']}?host=db&dbname=chains&data=s3://bucket/lake"
    )

    assert (address.is_shared, address.is_on_s3, "pw" in address.name) == (True, True, False)
    assert resolved(address) == LakeAddress(
        "postgres://lake:pw@db:5432/chains", "s3://bucket/lake/"
    )
    with pytest.raises(AwsError, match="GetSecretValue"):
        resolved(_lake("ducklake:secretsmanager:gone?data=s3://bucket/lake"))


def test_address_without_a_secret_is_left_as_it_is() -> None:
    address = _lake("ducklake:postgres://lake@db/chains?data=folder")

    assert resolved(address) is address
