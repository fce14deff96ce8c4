"""EventBridge targets moto does not know, and schedules that fire when they are told to.

A rule with only a schedule matches no ordinary event. Scheduled rules fire through
`fire_schedule`, or on a clock shortened by `time_scale` once `ScheduleClock` is started.
"""

from __future__ import annotations

import copy
import functools
import json
import uuid
from collections.abc import Callable
from typing import Any

from moto.core.utils import (
    iso_8601_datetime_without_milliseconds,
    unix_time,
    utcfromtimestamp,
    utcnow,
)
from moto.events.models import EventsBackend, Rule, events_backends
from moto.events.utils import EventTemplateParser
from moto.sns.models import sns_backends
from moto.stepfunctions import responses as state_machines

from chainlight_demo.fabric import sqs_queues
from chainlight_demo.fabric.deliveries import Deliveries, Delivery
from chainlight_demo.fabric.exchange import current_trace_header, trace_header
from chainlight_demo.fabric.patches import MotoObject, Patches

_PUT_EVENTS_AT_MOST = 10


class UnknownRuleError(LookupError):
    """No enabled rule of that name has a schedule."""


class EventBridge:
    """The targets of all rules of one local AWS."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries
        self._senders: dict[str, Callable[[MotoObject, dict[str, Any], dict[str, Any]], None]] = {
            "lambda": self._send_to_function,
            "sns": _send_to_topic,
            "states": _start_execution,
        }

    def install(self, patches: Patches) -> None:
        """Patch PutEvents and the way rules reach their targets."""
        patches.wrap(EventsBackend, "put_events", _put_events)
        patches.wrap(Rule, "send_to_targets", self._send_to_targets)

    def fire(self, rule: MotoObject) -> None:
        """Send the Scheduled Event of a rule to its targets."""
        event = scheduled_event(rule)
        for target in rule.targets:
            self._send(Rule.send_to_targets, rule, target, event)

    def _send_to_targets(
        self,
        original: MotoObject,
        rule: MotoObject,
        original_event: dict[str, Any],
        transform_input: bool = True,  # noqa: FBT001, FBT002 moto's signature
    ) -> None:
        is_only_scheduled = rule.scheduled_expression and not rule.event_pattern.get_pattern()
        if rule.state == "DISABLED" or is_only_scheduled:
            return
        if not rule.event_pattern.matches_event(original_event):
            return
        for target in rule.targets:
            if target["Arn"].split(":")[2] in self._senders:
                self._send(original, rule, target, _as_delivered(original_event))
            else:
                original(_with_one_target(rule, target), original_event, transform_input)

    def _send(
        self, moto_send: MotoObject, rule: MotoObject, target: dict[str, Any], event: dict[str, Any]
    ) -> None:
        service = target["Arn"].split(":")[2]
        if service in self._senders:
            self._senders[service](rule, target, target_input(target, event))
        elif service == "sqs":
            _send_to_queue(target, target_input(target, event))
        else:
            moto_send(_with_one_target(rule, target), {**event, "ingestion-time": unix_time()})

    def _send_to_function(
        self, rule: MotoObject, target: dict[str, Any], event: dict[str, Any]
    ) -> None:
        on_refused = functools.partial(_send_to_dead_letters, rule, target)
        self._deliveries.submit(
            Delivery(target["Arn"], event, current_trace_header(), on_refused=on_refused)
        )


def scheduled_rule(name: str) -> MotoObject:
    """Find an enabled rule with a schedule by its name.

    Raises:
        UnknownRuleError: no such rule.
    """
    for account in events_backends.values():
        for backend in account.values():
            for bus in backend.event_buses.values():
                rule = bus.rules.get(name)
                if rule is not None and rule.scheduled_expression and rule.state != "DISABLED":
                    return rule
    raise UnknownRuleError(f"no enabled rule {name!r} with a ScheduleExpression")


def scheduled_event(rule: MotoObject) -> dict[str, Any]:
    """Return what EventBridge sends when a schedule fires."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": rule.account_id,
        "time": iso_8601_datetime_without_milliseconds(utcnow()),
        "region": rule.region_name,
        "resources": [rule.arn],
        "detail": {},
    }


def target_input(target: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """Return what a target gets: its constant Input, a part, a template's result or the event."""
    result: dict[str, Any]
    if "Input" in target:
        result = json.loads(target["Input"])
    elif "InputPath" in target:
        result = _part(event, target["InputPath"])
    elif transformer := target.get("InputTransformer"):
        result = EventTemplateParser.parse(
            input_template=transformer["InputTemplate"],
            input_paths_map=transformer.get("InputPathsMap", {}),
            event={**event, "ingestion-time": unix_time()},
        )
    else:
        result = event
    return result


def _put_events(
    original: MotoObject, backend: MotoObject, events: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Send each entry under its own TraceHeader, where it names one."""
    if len(events) > _PUT_EVENTS_AT_MOST:
        refused: list[dict[str, Any]] = original(backend, events)
        return refused
    entries: list[dict[str, Any]] = []
    for event in events:
        with trace_header(event.get("TraceHeader")):
            entries += original(backend, [event])
    return entries


def _as_delivered(event: dict[str, Any]) -> dict[str, Any]:
    """Return moto's internal event as a target sees it: ISO time, no ingestion time."""
    shown = {name: value for name, value in event.items() if name != "ingestion-time"}
    if isinstance(shown.get("time"), int | float):
        moment = utcfromtimestamp(float(shown["time"]))
        shown["time"] = iso_8601_datetime_without_milliseconds(moment)
    return shown


def _part(event: dict[str, Any], path: str) -> dict[str, Any]:
    """Follow a path of names such as `$.detail.order`."""
    part = event
    for name in path.removeprefix("$").strip(".").split("."):
        part = part[name] if name else part
    return part


def _with_one_target(rule: MotoObject, target: dict[str, Any]) -> MotoObject:
    single = copy.copy(rule)
    single.targets = [target]
    return single


def _send_to_topic(_rule: MotoObject, target: dict[str, Any], event: dict[str, Any]) -> None:
    _, _, _, region, account_id, _ = target["Arn"].split(":")
    sns_backends[account_id][region].publish(arn=target["Arn"], message=json.dumps(event))


def _start_execution(_rule: MotoObject, target: dict[str, Any], event: dict[str, Any]) -> None:
    _, _, _, region, account_id, _, _ = target["Arn"].split(":")
    state_machines.get_backend(account_id, region).start_execution(
        target["Arn"], str(uuid.uuid4()), json.dumps(event), None
    )


def _send_to_queue(target: dict[str, Any], event: dict[str, Any]) -> None:
    queue = sqs_queues.queue_of(target["Arn"])
    if queue is not None:
        sqs_queues.backend_of(queue).send_message(queue.name, json.dumps(event))


def _send_to_dead_letters(
    rule: MotoObject, target: dict[str, Any], delivery: Delivery, reason: str
) -> None:
    """Put an event no function took into the target's DLQ, with the attributes AWS gives it."""
    queue_arn = target.get("DeadLetterConfig", {}).get("Arn")
    queue = sqs_queues.queue_of(queue_arn) if queue_arn else None
    if queue is None:
        return
    texts = {
        "RULE_ARN": rule.arn,
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": "NO_PERMISSIONS" if "Denied" in reason else "SDK_CLIENT_ERROR",
        "ERROR_MESSAGE": reason,
    }
    sqs_queues.backend_of(queue).send_message(
        queue.name,
        delivery.payload.decode(),
        message_attributes={
            name: {"DataType": "String", "StringValue": text or "-"} for name, text in texts.items()
        },
    )
