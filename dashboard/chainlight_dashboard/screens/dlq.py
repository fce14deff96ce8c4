"""DLQ: which events died, where they lie, and which functions have nowhere to put them."""

from __future__ import annotations

import streamlit as st

from chainlight_dashboard import data
from chainlight_dashboard.parts import dlq, states
from chainlight_dashboard.parts.header import beside_freshness, now_us
from chainlight_dashboard.parts.numbers import heading

place = beside_freshness()
queues = data.frame("dead_letter_queues")
unprotected = data.frame("unprotected_functions")
with place:
    dlq.summary(data.row("dead_letters_totals"), now_us())

left, right = st.columns([1.7, 1], gap="medium")
with left:
    heading("**Queues** that hold dead letters", {"dead_letter_queues": {}})
    if queues.empty:
        states.nothing(
            "No dead letter has been seen",
            "The collector looks into every queue that a function names as its DLQ or failure "
            "destination, and into redrive queues.",
        )
    else:
        dlq.queue_table(queues, now_us())
with right:
    heading(
        "**Async functions without DLQ or destination**: failed events are gone",
        {"unprotected_functions": {}},
    )
    dlq.unprotected(unprotected)

queue_arn = None if queues.empty else dlq.queue_choice(queues)
messages = data.frame("dead_letter_messages", queue_arn=queue_arn)
if not messages.empty:
    dlq.message_table(messages, now_us())
    dlq.redrive(queues, queue_arn)
