"""Services that invoke a function for their own ends: known by the names in their events.

None of them passes on a message that a handler sent, so none has a cause.
"""

from __future__ import annotations

from chainlight.sources import Source
from chainlight.sources.shapes import at

Json = dict[str, object]
Shape = tuple[str, tuple[str, ...], tuple[str, ...]]

_SHAPES: tuple[Shape, ...] = (
    # kind, names that must all be there, where the ARN of the sender lies
    ("config", ("invokingEvent", "resultToken"), ("configRuleArn",)),
    ("codepipeline", ("CodePipeline.job",), ()),
    ("cloudformation", ("ResponseURL", "RequestType", "LogicalResourceId"), ("StackId",)),
    ("cloudformation", ("transformId", "fragment"), ()),
    ("codedeploy", ("DeploymentId", "LifecycleEventHookExecutionId"), ()),
    ("alarm", ("alarmData", "alarmArn"), ("alarmArn",)),
    ("dashboard", ("widgetContext",), ()),
    ("secretsmanager", ("SecretId", "ClientRequestToken", "Step"), ("SecretId",)),
    ("transfer", ("serverId", "username"), ()),
    ("transfer", ("serviceMetadata", "fileLocation"), ()),
    ("s3_object_lambda", ("xAmzRequestId", "userRequest"), ("configuration", "accessPointArn")),
    ("s3_batch", ("invocationSchemaVersion", "tasks"), ()),
    ("s3", ("HostId", "Service", "Event", "Bucket"), ()),
    ("connect", ("Details", "Name"), ("Details", "ContactData", "InstanceARN")),
    ("lex", ("bot", "invocationSource"), ()),
    ("lex", ("bot", "currentIntent"), ()),
    ("lex", ("bot", "sessionState"), ()),
    ("alexa", ("session", "request", "version"), ()),
    ("alexa", ("directive",), ()),
    ("bedrock", ("actionGroup", "messageVersion"), ()),
    ("cognito", ("triggerSource", "userPoolId"), ()),
    ("cognito", ("identityPoolId", "datasetName"), ()),
    ("iot", ("clickType", "serialNumber"), ()),
    ("iot", ("deviceEvent", "deviceInfo"), ()),
    ("iot", ("protocolData", "protocols"), ()),
    ("iot", ("thingName", "eventType"), ()),
    ("iot", ("eventType", "eventId", "operation"), ()),
    ("iot", ("templateArn", "certificateId"), ("templateArn",)),
    ("clientvpn", ("connection-id", "endpoint-id"), ()),
    ("chime", ("InboundHttpsEndpoint", "EventType"), ()),
    ("pinpoint", ("CampaignId", "ApplicationId"), ()),
)


def service(event: Json) -> Source | None:
    """Recognise the first shape whose names the event has."""
    for kind, names, path in _SHAPES:
        if all(name in event for name in names):
            return Source(kind, at(event, *path) if path else None)
    return None
