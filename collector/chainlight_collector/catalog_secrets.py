"""A lake's address that names a secret instead of holding a password.

``ducklake:secretsmanager:NAME_OR_ARN?OPTIONS&data=s3://…``: whoever opens the lake asks Secrets
Manager for the catalog's URL. The secret holds a ``postgres://`` URL, or the JSON that Amazon RDS
keeps there: username, password, host, port, dbname. A secret that RDS manages by itself lacks the
last three, so OPTIONS can give them, and options of libpq (sslmode=require) too. The JSON's shape:
https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode

from chainlight_collector.addresses import POSTGRES, SECRET_PREFIX, LakeAddress
from chainlight_collector.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACES = {"host", "port", "dbname"}
DEFAULTS = {"port": "5432", "dbname": "postgres"}


def resolved(address: LakeAddress) -> LakeAddress:
    """Return the address with its catalog's URL; one that names no secret is returned as it is.

    Raises:
        AwsError: the secret cannot be read.
        UsageError: it holds no catalog's URL.

    """
    if not address.catalog.startswith(SECRET_PREFIX):
        return address
    name, _, query = address.catalog.removeprefix(SECRET_PREFIX).partition("?")
    return replace(address, catalog=catalog_url(_secret(name), dict(parse_qsl(query)), name))


def catalog_url(secret: str, given: Mapping[str, str], name: str) -> str:
    """Return the URL that a secret's text holds or describes, with the options that are `given`.

    Raises:
        UsageError: it does neither.

    """
    options = urlencode({key: value for key, value in given.items() if key not in PLACES})
    if secret.startswith(POSTGRES):
        return f"{secret}{'&' if '?' in secret else '?'}{options}" if options else secret
    try:
        told = {key: str(value) for key, value in json.loads(secret).items()}
        parts = {**DEFAULTS, **told, **given}
        login = f"{quote(parts['username'], safe='')}:{quote(parts['password'], safe='')}"
        url = f"postgres://{login}@{parts['host']}:{parts['port']}/{parts['dbname']}"
    except (ValueError, AttributeError, KeyError) as error:
        raise UsageError(
            f"the secret {name} holds neither a postgres:// URL nor JSON with username, password "
            "and host. Say host, port and dbname in the address where the secret does not."
        ) from error
    return f"{url}?{options}" if options else url


def _secret(name: str) -> str:
    # Here, because boto3 takes a third of a second and most lakes need none of it.
    from chainlight_collector.aws import Aws  # noqa: PLC0415
    from chainlight_collector.sources.operations import GET_SECRET_VALUE  # noqa: PLC0415

    return Aws().call(GET_SECRET_VALUE, SecretId=name)["SecretString"]
