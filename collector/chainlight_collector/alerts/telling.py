"""Judge all rules at the end of a collector run, and tell a topic about every change.

A change is published to SNS after it is committed and noted as published after SNS took it. A
collector that is killed between the two tells it again: at least once, never not at all.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from chainlight_collector.alerts import states
from chainlight_collector.aws import AwsError
from chainlight_collector.sources.operations import PUBLISH
from chainlight_collector.sources.run import Outcome

if TYPE_CHECKING:
    from chainlight_collector.alerts.rules import Rules
    from chainlight_collector.alerts.states import State
    from chainlight_collector.sources.run import Run

ALERTS = "alerts"
SUBJECT_MAX = 100
TITLES = {
    "failed_share": "share of failed chains",
    "dead_letters_count": "dead letters",
    "paid_idle_usd_day": "paid idle, US dollars a day",
    "coverage_share": "share of linked invocations",
}


def check(run: Run, rules: Rules) -> Outcome:
    """Judge every rule, commit what changed, and tell the topic about it."""
    outcome = Outcome(ALERTS, total_count=len(rules.rules))
    with run.store.transaction() as connection:
        states.evaluate(connection, rules, run.now_us)
        due = states.due(connection)
    outcome.done_count = len(rules.rules)
    for state in due if rules.topic_arn else ():
        try:
            run.aws.call(PUBLISH, TopicArn=rules.topic_arn, **message(state))
        except AwsError as error:
            outcome.fail(str(error))
            continue
        with run.store.transaction() as connection:
            states.note_published(connection, state, time.time_ns() // 1000)
    return outcome


def message(state: State) -> dict[str, str]:
    """Return subject and body of the message about one change; the body is JSON."""
    word = "raised" if state.is_raised else "settled"
    body = {
        "chainlight_alert": 1,
        "measure": state.measure,
        "state": word,
        "value": state.value,
        "direction": state.direction,
        "threshold": state.threshold,
        "words": state.words,
        "since_us": state.since_us,
    }
    subject = (
        f"chainlight: {TITLES[state.measure]} {word}, {state.value:.4g} "
        f"({state.direction} {state.threshold:.4g})"
    )
    return {"Subject": subject[:SUBJECT_MAX], "Message": json.dumps(body)}
