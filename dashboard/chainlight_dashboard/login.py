"""Who may look: everybody who reaches the port, or those whom an OpenID Connect provider knows.

With `--oidc FILE` nothing is drawn before a login; streamlit keeps the identity in a signed cookie.
FILE is a TOML with `[auth]`: redirect_uri, cookie_secret, client_id, client_secret,
server_metadata_url; and, where not everybody whom the provider knows may look, `[chainlight]` with
allowed_emails and allowed_domains. docs/guide.md shows one.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from chainlight_dashboard.admission import Admission, admission, refusal
from chainlight_dashboard.views.plain import escaped

LOGIN_VARIABLE = "CHAINLIGHT_LOGIN"
LEAVE = "logout"
"""The address of the page that ends a login."""
REQUIRED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
SECRET_LENGTH_MIN = 32


def is_wanted() -> bool:
    """Return whether this server asks for a login."""
    return os.environ.get(LOGIN_VARIABLE) == "1"


def is_admitted() -> bool:
    """Return whether the reader may look; where not, what to do is drawn."""
    if not is_wanted():
        return True
    if not st.user.get("is_logged_in", False):
        _ask()
        return False
    why = refusal(st.user.to_dict(), _allowed())
    if why:
        _refuse(why)
    return not why


def leave() -> None:
    """End the login, the provider's too where it knows how."""
    st.logout()


def fault(path: Path) -> str:
    """Return what is wrong with the file of `--oidc`, or nothing."""
    try:
        settings = tomllib.loads(path.read_text("utf-8"))
        admission(settings)
    except (OSError, ValueError) as error:
        return f"{path}: {error}"
    auth = settings.get("auth", {})
    missing = [name for name in REQUIRED if not isinstance(auth, Mapping) or not auth.get(name)]
    if missing:
        return f"{path}: [auth] lacks {', '.join(missing)}. docs/guide.md shows what it needs."
    if len(str(auth["cookie_secret"])) < SECRET_LENGTH_MIN:
        return (
            f"{path}: cookie_secret has fewer than {SECRET_LENGTH_MIN} characters; whoever guesses "
            "it can be anybody. `openssl rand -hex 32` makes one."
        )
    return ""


def _allowed() -> Admission:
    return admission(st.secrets.to_dict())


def _ask() -> None:
    with st.container(border=True, width=420):
        st.markdown("**Log in to see the chains**")
        st.markdown("This dashboard is open to those whom your identity provider knows.")
        st.button("Log in", on_click=st.login)


def _refuse(why: str) -> None:
    with st.container(border=True, width=420):
        st.markdown("**You may not look here**")
        st.markdown(f"{escaped(why)} Whoever runs this dashboard can let you in.")
        st.button("Log out", on_click=st.logout)
