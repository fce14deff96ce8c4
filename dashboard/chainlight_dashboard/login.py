"""Who may look: everybody who reaches the port, or those whom an OpenID Connect provider knows.

With `--oidc FILE` every page asks for a login first; streamlit keeps the identity in a signed
cookie. FILE is a TOML with `[auth]`: redirect_uri, cookie_secret, client_id, client_secret,
server_metadata_url. docs/guide.md shows one.
"""

from __future__ import annotations

import os

import streamlit as st

LOGIN_VARIABLE = "CHAINLIGHT_LOGIN"


def required() -> None:
    """Return where the reader may look; else draw the way to log in and end the run."""
    if os.environ.get(LOGIN_VARIABLE) != "1" or st.user.get("is_logged_in", False):
        return
    with st.container(border=True, width=420):
        st.markdown("**Log in to see the chains**")
        st.markdown("This dashboard is open to those whom your identity provider knows.")
        st.button("Log in", on_click=st.login, type="primary")
    st.stop()
