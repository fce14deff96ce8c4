"""SQL: a reader's own query, run in a process that can only read, for ten seconds at most."""

from __future__ import annotations

import streamlit as st

from chainlight_dashboard import data
from chainlight_dashboard.errors import QueryRefusedError, QueryStoppedError
from chainlight_dashboard.parts import console
from chainlight_dashboard.parts.header import beside_freshness

with beside_freshness():
    console.example_pills()
left, right = st.columns([3, 1], gap="medium")
with right:
    console.schema(data.frame("schema_columns"))
with left:
    console.saved_queries()
    sql = console.editor()
    if sql.strip():
        try:
            console.answer(data.answer(sql))
        except QueryRefusedError as error:
            console.refused("Not run", error)
        except QueryStoppedError as error:
            console.refused("Stopped", error)
    else:
        st.caption("Write a query, or choose an example. The query is part of this page's URL.")
