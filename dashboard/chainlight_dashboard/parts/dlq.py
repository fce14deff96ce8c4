"""The pieces of the DLQ page; it reads and shows, the commands run elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from chainlight_dashboard.parts.numbers import clicked_row
from chainlight_dashboard.views import deadletters, units
from chainlight_dashboard.views.plain import clipped
from chainlight_dashboard.views.verdict import queue_name

if TYPE_CHECKING:
    import pandas as pd

MESSAGES_HEIGHT = 330


def summary(totals: pd.Series | None, now_us: int) -> None:
    """Draw the one sentence: how many messages, where, since when."""
    if totals is not None:
        st.markdown(f"## {deadletters.summary(totals, now_us)}", anchors=False)


def queue_table(queues: pd.DataFrame, now_us: int) -> None:
    """Draw one row per queue."""
    st.dataframe(
        deadletters.queue_table(queues, now_us),
        hide_index=True,
        placeholder=units.UNKNOWN,
        column_config={
            "queue": "Queue",
            "kind": "Filled by",
            "messages": st.column_config.NumberColumn("Messages", format="localized"),
            "oldest": "Oldest",
            "gone": st.column_config.NumberColumn("Gone since", format="localized"),
            "functions": "From",
        },
        alt="Dead-letter queues",
    )


def unprotected(functions: pd.DataFrame) -> None:
    """Draw the async functions whose failed events are lost, or say that there is none."""
    if functions.empty:
        st.caption("None that the collector knows of.")
        return
    st.dataframe(
        deadletters.unprotected_table(functions),
        hide_index=True,
        placeholder=units.UNKNOWN,
        column_config={
            "function": "Function",
            "dlq": "DLQ",
            "invocations": "Invocations",
            "failed": "Events lost",
            "owner": "Owner",
        },
        alt="Async functions without a dead-letter queue or failure destination",
    )


def queue_choice(queues: pd.DataFrame) -> str | None:
    """Draw the queue filter, which is in the URL as `queue`; return an ARN or None for all."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            "**Messages**, oldest first; a click opens the chain that sent it", width="content"
        )
        return st.selectbox(
            "Queue",
            [str(arn) for arn in queues["queue_arn"]],
            index=None,
            format_func=lambda arn: clipped(queue_name(arn)),
            placeholder="All queues",
            key="queue",
            bind="query-params",
            label_visibility="collapsed",
            width=260,
        )


def message_table(messages: pd.DataFrame, now_us: int) -> int | None:
    """Draw the messages; return the position of the clicked one."""
    shown = deadletters.message_table(messages, now_us)
    columns = {
        "age": st.column_config.TextColumn("Age", width=70),
        "function": st.column_config.TextColumn("Function", width=140),
        "error": st.column_config.TextColumn("Error", width=330),
        "condition": st.column_config.TextColumn("Condition", width=150),
        "attempts": st.column_config.NumberColumn("Attempts", width=70),
        "queue": st.column_config.TextColumn("Queue", width=150),
        "state": st.column_config.TextColumn("State", width=70),
        "message_id": st.column_config.TextColumn("Message id", width=222),
    }
    return clicked_row(
        shown, columns, key="messages", height_max=MESSAGES_HEIGHT, alt="Dead letters"
    )


def open_chain(chain_id: object) -> None:
    """Go to the chain of a message, or say that none is known."""
    if units.is_unknown(chain_id):
        st.caption("No chain is known for this message: it carried neither request id nor context.")
    else:
        st.switch_page("screens/chain.py", query_params={"id": str(chain_id)})


def redrive(queues: pd.DataFrame, queue_arn: str | None) -> None:
    """Draw the commands that bring the messages of one queue back."""
    chosen = queues if queue_arn is None else queues[queues["queue_arn"] == queue_arn]
    first = chosen.iloc[0]
    functions = first.functions
    function = None if functions is None or len(functions) == 0 else str(functions[0])
    st.markdown("**Bring them back**: this page only reads; run it where you may write")
    st.caption(f"{clipped(queue_name(first.queue_arn))}".replace("[", "(").replace("]", ")"))
    st.code(
        deadletters.redrive_command(str(first.queue_arn), str(first.source), function),
        language=None,
        wrap_lines=True,
    )
