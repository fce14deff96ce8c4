"""The entry script: pages in the top bar, and one place where an error becomes a message."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from chainlight_dashboard import login
from chainlight_dashboard.errors import DashboardError
from chainlight_dashboard.parts import header, states

ASSETS = Path(__file__).parent / "assets"

st.set_page_config(page_title="chainlight", page_icon="🔗", layout="wide")
st.logo(ASSETS / "chainlight.svg", size="small")
st.html(ASSETS / "focus.css")
is_admitted = login.is_admitted()
pages = [
    st.Page("screens/overview.py", title="Overview", default=True),
    st.Page("screens/chains.py", title="Chains"),
    st.Page("screens/functions.py", title="Functions"),
    st.Page("screens/waiting.py", title="Waiting"),
    st.Page("screens/dlq.py", title="DLQ", url_path="dlq"),
    st.Page("screens/sql.py", title="SQL", url_path="sql"),
    st.Page("screens/chain.py", title="Chain", url_path="chain", visibility="hidden"),
    st.Page("screens/shape.py", title="Shape", url_path="shape", visibility="hidden"),
    st.Page("screens/compare.py", title="Compare", url_path="compare", visibility="hidden"),
]
if login.is_wanted():
    pages.append(st.Page(login.leave, title="Log out", url_path=login.LEAVE))
page = st.navigation(pages, position="top" if is_admitted else "hidden")
if not is_admitted:
    st.stop()
try:
    if page.url_path != login.LEAVE:  # whoever leaves needs no database for it
        header.draw(page.url_path)
    page.run()
except DashboardError as error:
    states.failed(error)
