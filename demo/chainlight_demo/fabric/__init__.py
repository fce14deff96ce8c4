"""The fabric of the local AWS: what carries events between services, around the Lambda data plane.

moto keeps the state of every service; this package replaces the places where moto would lose an
id, a header, an attribute or an order that AWS keeps. `install` patches moto process-wide and
starts the pollers, `uninstall` takes everything back; one fabric at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

from chainlight_demo.fabric import message_moves, s3, sns, sqs_queues, templates
from chainlight_demo.fabric.answers import WsgiApp
from chainlight_demo.fabric.deliveries import Deliveries
from chainlight_demo.fabric.edge import Edge
from chainlight_demo.fabric.eventbridge import EventBridge, scheduled_rule
from chainlight_demo.fabric.logs import Logs
from chainlight_demo.fabric.mappings import Mappings
from chainlight_demo.fabric.patches import Patches
from chainlight_demo.fabric.ports import LocalAws
from chainlight_demo.fabric.schedules import ScheduleClock
from chainlight_demo.fabric.sqs_source import SqsSource
from chainlight_demo.fabric.state_machines import StateMachines

__all__ = ["fire_schedule", "install", "middleware", "start_schedules", "uninstall"]


class FabricError(RuntimeError):
    """The fabric is installed twice, or asked for before it is installed."""


@dataclass(frozen=True, slots=True)
class _Fabric:
    local_aws: LocalAws
    patches: Patches
    deliveries: Deliveries
    mappings: Mappings
    event_bridge: EventBridge
    clock: ScheduleClock
    state_machines: StateMachines

    def is_busy(self) -> bool:
        """Say whether an event is between two services or an execution is running."""
        parts = (self.deliveries, self.mappings, self.state_machines)
        return any(part.is_busy() for part in parts)


_installed: list[_Fabric] = []


def install(local_aws: LocalAws) -> None:
    """Patch moto for this local AWS and start its pollers.

    Raises:
        FabricError: another local AWS of this process has a fabric already.
    """
    if _installed:
        raise FabricError("a fabric is installed already: moto can serve one local AWS a process")
    deliveries = Deliveries(local_aws.plane)
    mappings = Mappings(local_aws, {"sqs": SqsSource})
    event_bridge = EventBridge(deliveries)
    clock = ScheduleClock(event_bridge.fire, local_aws.time_scale)
    fabric = _Fabric(
        local_aws, Patches(), deliveries, mappings, event_bridge, clock, StateMachines()
    )
    _patch(fabric)
    local_aws.plane.register_activity(fabric.is_busy)
    deliveries.start()
    mappings.start()
    _installed.append(fabric)


def uninstall(local_aws: LocalAws) -> None:
    """Stop the pollers and restore moto. Without a fabric it does nothing."""
    for fabric in [f for f in _installed if f.local_aws is local_aws]:
        fabric.clock.stop()
        fabric.mappings.stop()
        fabric.deliveries.stop()
        fabric.patches.restore()
        fabric.state_machines.uninstall()
        _installed.remove(fabric)


def middleware(app: WsgiApp, local_aws: LocalAws) -> WsgiApp:
    """Return `app` with X-Ray, throttling and S3's atomic conditional writes in front of it."""
    return Edge(app, local_aws)


def fire_schedule(local_aws: LocalAws, rule_name: str) -> None:
    """Let a scheduled rule fire once, now.

    Raises:
        FabricError: this local AWS has no fabric.
        UnknownRuleError: no enabled rule of that name has a schedule.
    """
    _fabric_of(local_aws).event_bridge.fire(scheduled_rule(rule_name))


def start_schedules(local_aws: LocalAws) -> None:
    """Let all scheduled rules fire on their own, on a clock shortened by `time_scale`."""
    _fabric_of(local_aws).clock.start()


def _fabric_of(local_aws: LocalAws) -> _Fabric:
    for fabric in _installed:
        if fabric.local_aws is local_aws:
            return fabric
    raise FabricError("no fabric is installed for this local AWS")


def _patch(fabric: _Fabric) -> None:
    patches = fabric.patches
    sqs_queues.install(patches, fabric.mappings.wake)
    message_moves.install(patches)
    sns.install(patches, fabric.deliveries)
    s3.install(patches, fabric.deliveries)
    fabric.event_bridge.install(patches)
    fabric.mappings.install(patches)
    Logs(fabric.local_aws.faults, fabric.deliveries).install(patches)
    templates.install(patches)
    fabric.state_machines.install(patches)
