"""A login by OpenID Connect in a real browser, with a provider on loopback."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from browsing import MARKS, started_browser
from joserfc.jwk import RSAKey
from oidc_stub import CLIENT_ID, CLIENT_SECRET, FILE, Provider, provider

if TYPE_CHECKING:
    from collections.abc import Iterator

ADA = {"email": "ada@example.com", "email_verified": True}
COOKIE = "_streamlit_user"
FORGED = "2|1:0|10:1790000000|15:_streamlit_user|4:e30=|" + 64 * "0"

pytestmark = MARKS


@pytest.fixture(scope="module")
def openid() -> Iterator[Provider]:
    with provider() as served:
        yield served


@pytest.fixture(scope="module")
def url(openid: Provider, filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    path = tmp_path_factory.mktemp("login") / "login.toml"
    path.write_text(
        FILE.format(
            url=f"http://127.0.0.1:{port}",
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            provider=openid.url,
        )
    )
    command = [sys.executable, "-m", "chainlight_dashboard", "--db", str(filled), "--headless"]
    with subprocess.Popen(
        [*command, "--port", str(port), "--oidc", str(path)], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        found = server.stdout.readline().partition(": ")[2].strip()
        assert found, "the dashboard did not start"
        yield found
        server.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with started_browser() as started:
        yield started


@pytest.fixture(scope="module")
def login_address(url: str, browser: Any) -> str:
    """Return where the button leads: it carries a token that the server has signed."""
    tab = browser.new_page()
    tab.goto(url)
    with tab.expect_request("**/auth/login*") as asked:
        tab.get_by_role("button", name="Log in").click()
    address: str = asked.value.url
    tab.close()
    return address


def _cookies_after(address: str) -> bool:
    """Return whether whoever follows all redirects from `address` ends with an identity."""
    with httpx.Client(follow_redirects=True) as client:
        assert client.get(address).status_code == 200
        return COOKIE in client.cookies


def test_nothing_before_the_login_everything_after_it_and_nothing_after_logout(
    url: str, openid: Provider, browser: Any
) -> None:
    openid.identity = ADA
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    tab = context.new_page()
    tab.goto(f"{url}/dlq")
    button = tab.get_by_role("button", name="Log in")
    button.wait_for()
    assert tab.locator("[data-ready]").count() == 0
    assert tab.get_by_role("link", name="Overview").count() == 0
    button.click()
    tab.get_by_test_id("stMetric").nth(4).wait_for()
    assert urlsplit(tab.url).path == "/"
    tab.get_by_role("link", name="Log out").click()
    button.wait_for()
    assert [cookie["name"] for cookie in context.cookies()].count(COOKIE) == 0
    assert len(openid.logged_out) == 1
    assert tab.get_by_test_id("stMetric").count() == 0
    context.close()


def test_who_is_not_on_the_list_sees_that_and_no_page(
    url: str, openid: Provider, browser: Any
) -> None:
    openid.identity = {"email": "eve@example.com", "email_verified": True}
    tab = browser.new_page()
    tab.goto(f"{url}/chains")
    tab.get_by_role("button", name="Log in").click()
    tab.get_by_text("is not among those who may look here.").wait_for()
    assert tab.get_by_role("link", name="Overview").count() == 0
    assert tab.locator("[data-ready]").count() == 0
    tab.close()


@pytest.mark.parametrize(
    "spoiled",
    [
        {"aud": "another-application"},
        {"aud": "another-application", "azp": CLIENT_ID, "email": "eve@example.com"},
        {"nonce": "of another login"},
        {"iss": "https://another.example"},
        {"exp": 1},
    ],
    ids=lambda spoiled: next(iter(spoiled)),
)
def test_a_token_that_is_not_meant_for_us_is_no_login(
    login_address: str, openid: Provider, spoiled: dict[str, Any]
) -> None:
    openid.identity = ADA
    openid.minted = lambda claims: {**claims, **spoiled}
    assert _cookies_after(login_address) == ("azp" in spoiled)


def test_a_token_that_somebody_else_signed_is_no_login(
    login_address: str, openid: Provider
) -> None:
    openid.identity, openid.minted = ADA, dict
    assert _cookies_after(login_address)
    openid.signing_key = RSAKey.generate_key(2048, {"kid": "one"})
    assert not _cookies_after(login_address)
    openid.signing_key = openid.key


@pytest.mark.parametrize("page", ["chains", "sql?q=FROM+chains"])
def test_a_forged_cookie_is_no_login(url: str, browser: Any, page: str) -> None:
    context = browser.new_context()
    context.add_cookies([{"name": COOKIE, "value": FORGED, "url": url}])
    tab = context.new_page()
    tab.goto(f"{url}/{page}")
    tab.get_by_role("button", name="Log in").wait_for()
    assert tab.locator("[data-ready]").count() == 0
    context.close()
