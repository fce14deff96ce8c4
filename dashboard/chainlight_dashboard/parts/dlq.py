"""The pieces of the DLQ page; it reads and shows, the commands run elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from chainlight_dashboard import tables
from chainlight_dashboard.copied import copied
from chainlight_dashboard.parts import links
from chainlight_dashboard.tables import Rows
from chainlight_dashboard.views import columns, deadletters
from chainlight_dashboard.views.plain import clipped
from chainlight_dashboard.views.verdict import queue_name

if TYPE_CHECKING:
    import pandas as pd

MESSAGES_HEIGHT = 330
UNPROTECTED_HEIGHT = 240


def summary(totals: pd.Series | None, now_us: int) -> None:
    """Draw the one sentence: how many messages, where, since when."""
    if totals is not None:
        st.markdown(f"## {deadletters.summary(totals, now_us)}", anchors=False)


def queue_table(queues: pd.DataFrame, now_us: int) -> None:
    """Draw one row per queue."""
    arns = [str(arn) for arn in queues["queue_arn"]]
    tables.table(
        deadletters.queue_table(queues, now_us),
        {
            "queue": columns.words("Queue", 170),
            "kind": columns.words("Filled by", 120),
            "messages": columns.number("Messages", 80),
            "oldest": columns.words("Oldest", 70),
            "gone": columns.number("Gone since", 84),
            "functions": columns.words("From", 220),
        },
        key="queues",
        label="Dead-letter queues",
        rows=Rows("queue", arns, [links.here(queue=_label(arn)) for arn in arns]),
    )


def unprotected(functions: pd.DataFrame) -> None:
    """Draw the async functions whose failed events are lost, or say that there is none."""
    if functions.empty:
        st.caption("None that the collector knows of.")
        return
    names = [str(name) for name in functions["function_name"]]
    tables.table(
        deadletters.unprotected_table(functions),
        {
            "function": columns.words("Function", 150),
            "dlq": columns.words("DLQ", 62),
            "invocations": columns.number("Invocations", 86),
            "failed": columns.number("Events lost", 84),
            "owner": columns.words("Owner", 74),
        },
        key="unprotected",
        label="Async functions without a dead-letter queue or failure destination",
        rows=Rows("function", names, [links.to("chains", find=name) for name in names]),
        height_max=UNPROTECTED_HEIGHT,
    )


def queue_choice(queues: pd.DataFrame) -> str | None:
    """Draw the queue filter, which is in the URL as `queue`; return an ARN or None for all."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            "**Messages**, oldest first; a row opens the chain that sent it", width="content"
        )
        return st.selectbox(
            "Queue",
            [str(arn) for arn in queues["queue_arn"]],
            index=None,
            format_func=_label,
            placeholder="All queues",
            key="queue",
            bind="query-params",
            label_visibility="collapsed",
            width=260,
        )


def message_table(messages: pd.DataFrame, now_us: int) -> None:
    """Draw the messages, each a link to the chain that sent it, where that is known."""
    named = {
        "age": columns.words("Age", 70),
        "function": columns.words("Function", 140),
        "error": columns.words("Error", 296),
        "condition": columns.words("Condition", 136),
        "attempts": columns.number("Attempts", 78),
        "queue": columns.words("Queue", 150),
        "state": columns.words("State", 74),
        "message_id": columns.words("Message id", 268),
    }
    tables.table(
        deadletters.message_table(messages, now_us),
        named,
        key="messages",
        label="Dead letters, oldest first",
        rows=links.chains(messages["chain_id"], "function"),
        height_max=MESSAGES_HEIGHT,
    )
    orphans = int(messages["chain_id"].isna().sum())
    if orphans:
        st.caption(deadletters.orphans(orphans))


def redrive(queues: pd.DataFrame, queue_arn: str | None) -> None:
    """Draw the commands that bring the messages of one queue back."""
    chosen = queues if queue_arn is None else queues[queues["queue_arn"] == queue_arn]
    first = chosen.iloc[0]
    functions = first.functions
    function = None if functions is None or len(functions) == 0 else str(functions[0])
    st.markdown("**Bring them back**: this page only reads; run it where you may write")
    st.caption(f"{clipped(queue_name(first.queue_arn))}".replace("[", "(").replace("]", ")"))
    copied(
        deadletters.redrive_command(str(first.queue_arn), str(first.source), function),
        key="redrive",
        label="command",
    )


def _label(arn: str) -> str:
    """Return what a queue is called in the filter and so, by Streamlit, in the URL."""
    return clipped(queue_name(arn))
