"""A login by OpenID Connect: nothing before it, everything after it, and whom it keeps out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from oidc_stub import CLIENT_ID, FILE

from chainlight_dashboard import launch, login
from chainlight_dashboard.admission import admission, refusal

ADA = {"email": "ada@example.com", "email_verified": True}
ALLOWED = admission(
    {
        "auth": {"client_id": CLIENT_ID},
        "chainlight": {"allowed_emails": ["Ada@example.com"], "allowed_domains": ["@shop.example"]},
    }
)


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"aud": CLIENT_ID, **ADA}, ""),
        ({"aud": [CLIENT_ID, "other"], **ADA}, ""),
        ({"aud": CLIENT_ID, "email": "BOB@Shop.Example"}, ""),
        ({"aud": "other", "azp": CLIENT_ID, **ADA}, "meant for another application"),
        ({**ADA}, "meant for another application"),
        ({"aud": CLIENT_ID, "email": "eve@example.com"}, "is not among those"),
        ({"aud": CLIENT_ID, "email": "eve@shop.example.evil.example"}, "is not among those"),
        ({"aud": CLIENT_ID, "email": "ada@example.com", "email_verified": False}, "no verified"),
        ({"aud": CLIENT_ID}, "no verified"),
    ],
)
def test_only_those_on_the_list_may_look(claims: dict[str, Any], why: str) -> None:
    found = refusal(claims, ALLOWED)
    assert (why in found) if why else (found == "")


def test_without_a_list_everybody_whom_the_provider_knows_may_look() -> None:
    allowed = admission({"auth": {"client_id": CLIENT_ID}})
    assert refusal({"aud": CLIENT_ID, "sub": "anybody"}, allowed) == ""


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("[chainlight]\nallowed_emails = 'ada@example.com'", "is not a list of texts"),
        ("[chainlight]\nallowed_email = ['ada@example.com']", "not allowed_email"),
        ("[auth]\nclient_id = 'x'", "lacks redirect_uri, cookie_secret, client_secret"),
        ("[auth", "Expected"),
        (FILE.replace("0123456789abcdef", "short", 2), "fewer than 32 characters"),
    ],
)
def test_a_wrong_file_keeps_the_server_from_starting(
    lines: str, fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "login.toml"
    path.write_text(lines)
    assert launch.main(["--db", "x.duckdb", "--port", "0", "--oidc", str(path)]) == 2
    assert fault in capsys.readouterr().err


def test_the_file_of_the_guide_is_right(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guide.md").read_text("utf-8")
    block = guide.partition("```toml\n[auth]")[2].partition("```")[0]
    path = tmp_path / "login.toml"
    path.write_text("[auth]" + block, "utf-8")
    assert login.fault(path) == ""
