"""What an event is called: those that AWS sent and others kept, and every format documented."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import chainlight
from chainlight.sources import recognise
from chainlight.testing import capture_records

SHARED = Path(__file__).resolve().parents[3] / "shared" / "samples"
SAMPLES = SHARED / "events"
RECORDED = SHARED / "destinations" / "localstack-recorded.jsonl"
KINDS = {
    "alarm": """
        cloudWatchAlarmEventCompositeMetric cloudWatchAlarmEventSingleMetric
    """,
    "alb": """
        MOCK_LAMBDA_ALB_EVENT MOCK_LAMBDA_ALB_MULTI_VALUE_HEADER_EVENT albEvent
        albEventPathTrailingSlash albMultiValueHeadersEvent albMultiValueQueryStringEvent
    """,
    "apigw": """
        MOCK_LAMBDA_API_GATEWAY_HTTP_API_EVENT MOCK_LAMBDA_API_GATEWAY_PROXY_EVENT
        apiGatewayAuthorizerRequestEvent apiGatewayAuthorizerTokenEvent
        apiGatewayAuthorizerV2Event apiGatewayProxyEvent apiGatewayProxyEventAnotherPath
        apiGatewayProxyEventNoOrigin apiGatewayProxyEventPathTrailingSlash
        apiGatewayProxyEventPrincipalId apiGatewayProxyEvent_noVersionAuth
        apiGatewayProxyOtherEvent apiGatewayProxyV2Event
        apiGatewayProxyV2EventPathTrailingSlash apiGatewayProxyV2Event_GET
        apiGatewayProxyV2IamEvent apiGatewayProxyV2LambdaAuthorizerEvent
        apiGatewayProxyV2OtherGetEvent apiGatewayProxyV2SchemaMiddlwareInvalidEvent
        apiGatewayProxyV2SchemaMiddlwareValidEvent apigatewayeSchemaMiddlwareInvalidEvent
        apigatewayeSchemaMiddlwareValidEvent
    """,
    "appsync": """
        appSyncAuthorizerEvent appSyncBatchEvent appSyncDirectResolver
        appSyncResolverEvent
    """,
    "bedrock": """
        bedrockAgentEvent bedrockAgentEventWithPathParams bedrockAgentPostEvent
    """,
    "cloudformation": """
        cloudformationCustomResourceCreate cloudformationCustomResourceDelete
        cloudformationCustomResourceUpdate
    """,
    "codedeploy": """
        codeDeployLifecycleHookEvent
    """,
    "codepipeline": """
        codePipelineEvent codePipelineEventData codePipelineEventEmptyUserParameters
        codePipelineEventWithEncryptionKey
    """,
    "cognito": """
        cognitoCreateAuthChallengeEvent cognitoCustomEmailSenderEvent
        cognitoCustomMessageEvent cognitoCustomSMSSenderEvent
        cognitoDefineAuthChallengeEvent cognitoPostAuthenticationEvent
        cognitoPostConfirmationEvent cognitoPreAuthenticationEvent cognitoPreSignUpEvent
        cognitoPreTokenGenerationEvent cognitoPreTokenV2GenerationEvent
        cognitoUserMigrationEvent cognitoVerifyAuthChallengeResponseEvent
    """,
    "config": """
        awsConfigRuleConfigurationChanged awsConfigRuleOversizedConfiguration
        awsConfigRuleScheduled
    """,
    "connect": """
        connectContactFlowEventAll connectContactFlowEventMin
    """,
    "dashboard": """
        cloudWatchDashboardEvent
    """,
    "dynamodb": """
        MOCK_LAMBDA_DYNAMO_DB_EVENT dynamoStreamEvent
    """,
    "eventbridge": """
        eventBridgeEvent s3EventBridgeNotificationObjectCreatedEvent
        s3EventBridgeNotificationObjectDeletedEvent
        s3EventBridgeNotificationObjectExpiredEvent
        s3EventBridgeNotificationObjectRestoreCompletedEvent
    """,
    "firehose": """
        kinesisFirehoseKinesisEvent kinesisFirehosePutEvent kinesisFirehoseSQSEvent
    """,
    "function_url": """
        lambdaFunctionUrlEvent lambdaFunctionUrlEventPathTrailingSlash
        lambdaFunctionUrlEventWithHeaders lambdaFunctionUrlIAMEvent
    """,
    "kafka": """
        kafkaEventSelfManaged
    """,
    "kinesis": """
        kinesisStreamCloudWatchLogsEvent kinesisStreamEvent kinesisStreamEventOneRecord
    """,
    "lambda": """
        MOCK_MALFORMED_SQS_EVENT_NO_RECORDS_KEY appSyncAuthorizerResponse
    """,
    "lattice": """
        vpcLatticeEvent vpcLatticeEventPathTrailingSlash
        vpcLatticeEventV2PathTrailingSlash vpcLatticeV2Event vpcLatticeV2EventWithHeaders
    """,
    "logs": """
        cloudWatchLogEvent cloudWatchLogEventWithPolicyLevel
    """,
    "mq": """
        activeMQEvent rabbitMQEvent
    """,
    "msk": """
        kafkaEventMsk
    """,
    "s3": """
        MOCK_LAMBDA_S3_EVENT MOCK_MALFORMED_SQS_EVENT_WRONG_SOURCE s3Event
        s3EventDecodedKey s3EventDeleteObject s3EventGlacier
    """,
    "s3_batch": """
        s3BatchOperationEventSchemaV1 s3BatchOperationEventSchemaV2
    """,
    "s3_object_lambda": """
        s3ObjectEventIAMUser s3ObjectEventTempCredentials
    """,
    "secretsmanager": """
        secretsManagerEvent
    """,
    "ses": """
        sesEvent
    """,
    "sns": """
        MOCK_LAMBDA_SNS_EVENT snsEvent
    """,
    "sqs": """
        MOCK_LAMBDA_SQS_BATCH_EVENT MOCK_LAMBDA_SQS_BATCH_EVENT_PARTIAL_CONTEXT
        MOCK_LAMBDA_SQS_EVENT MOCK_LAMBDA_SQS_EVENT_ABSENT_MESSAGE_ATTRS
        MOCK_LAMBDA_SQS_EVENT_ATTR_NOT_DICT MOCK_LAMBDA_SQS_EVENT_INVALID_TRACEPARENT
        MOCK_LAMBDA_SQS_EVENT_MISSING_ARN MOCK_LAMBDA_SQS_EVENT_MISSING_STRING_VALUE
        MOCK_LAMBDA_SQS_EVENT_NULL_MESSAGE_ATTRS MOCK_LAMBDA_SQS_EVENT_SHORT_ARN
        MOCK_LAMBDA_SQS_EVENT_UPPERCASE_ATTRS MOCK_LAMBDA_SQS_EVENT_WITH_TRACE_CONTEXT
        s3SqsEvent snsSqsEvent snsSqsFifoEvent sqsDlqTriggerEvent sqsEvent
    """,
    "unknown": """
        MOCK_MALFORMED_SQS_EVENT_EMPTY_RECORDS MOCK_MALFORMED_SQS_EVENT_RECORDS_NOT_LIST
    """,
}
"""The kind each sample is to have, checked by hand against what is in the file."""


@pytest.mark.skipif(not SAMPLES.exists(), reason=f"the sample events are not at {SAMPLES}")
def test_every_sample_event_is_named_for_what_it_is_and_handed_through(
    context: Callable[..., SimpleNamespace], capsys: pytest.CaptureFixture[str]
) -> None:
    kinds: dict[str, object] = {}
    for path in sorted(SAMPLES.rglob("*.json")):
        event = json.loads(path.read_text())
        before = copy.deepcopy(event)
        with capture_records() as records:
            assert chainlight.trace(lambda given, _context: given)(event, context()) is event
        assert event == before
        (record,) = records
        kinds[path.stem] = record["source_kind"]

    assert capsys.readouterr().err == ""
    assert kinds == {name: kind for kind, names in KINDS.items() for name in names.split()}


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"bot": {"name": "b"}, "currentIntent": {}, "invocationSource": "DialogCodeHook"}, "lex"),
        ({"bot": {"name": "b"}, "sessionState": {}, "messageVersion": "1.0"}, "lex"),
        ({"version": "1.0", "session": {}, "context": {}, "request": {"type": "x"}}, "alexa"),
        ({"directive": {"header": {"namespace": "Alexa.Discovery"}}}, "alexa"),
        ({"serialNumber": "g", "clickType": "SINGLE", "batteryVoltage": "1"}, "iot"),
        ({"deviceEvent": {"buttonClicked": {}}, "deviceInfo": {}, "placementInfo": {}}, "iot"),
        ({"token": "t", "signatureVerified": True, "protocols": [], "protocolData": {}}, "iot"),
        ({"eventType": "THING_EVENT", "eventId": "e", "operation": "CREATED"}, "iot"),
        ({"datasetName": "d", "identityPoolId": "p", "eventType": "SyncTrigger"}, "cognito"),
        ({"username": "u", "password": "p", "protocol": "SFTP", "serverId": "s-1"}, "transfer"),
        ({"connection-id": "c", "endpoint-id": "e", "username": "u"}, "clientvpn"),
        ({"EventType": "Mention", "InboundHttpsEndpoint": {}, "Sender": {}}, "chime"),
        ({"ApplicationId": "a", "CampaignId": "c", "Endpoints": {}}, "pinpoint"),
        ({"region": "r", "transformId": "1::T", "fragment": {}, "params": {}}, "cloudformation"),
        ({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b", "HostId": "h"}, "s3"),
        ({"Records": [{"cf": {"config": {}, "request": {}}}]}, "cloudfront"),
        ({"Records": [{"eventSource": "aws:codecommit", "codecommit": {}}]}, "codecommit"),
        ({"info": {"channel": {"path": "/a"}, "operation": "PUBLISH"}, "events": []}, "appsync"),
        ({"eventSource": "aws:docdb", "eventSourceArn": "arn:c", "events": []}, "documentdb"),
        ({"invocationId": "i", "applicationArn": "arn:a", "records": []}, "kinesis_analytics"),
        ({"messageVersion": "1.0", "function": "f", "actionGroup": "g"}, "bedrock"),
        ({"requestContext": {"authorizer": {}}, "resource": "/", "httpMethod": "GET"}, "apigw"),
        (
            {"requestContext": {"routeKey": "$connect", "connectionId": "c", "apiId": "a"}},
            "websocket",
        ),
        ({"templateArn": "arn:t", "certificateId": "c", "clientId": "i"}, "iot"),
        ({"token": "t", "serviceMetadata": {}, "fileLocation": {}}, "transfer"),
        ({"xAmzRequestId": "r", "headObjectContext": {}, "userRequest": {}}, "s3_object_lambda"),
        ({"resource": "/", "path": "/", "httpMethod": "GET", "headers": None}, "apigw"),
        ({"Records": [{"eventSource": "aws:new"}]}, "unknown"),
        ({"Records": []}, "unknown"),
        ({"eventSource": "aws:new"}, "unknown"),
        ({"requestContext": {}}, "unknown"),
        ([{"eventSource": "aws:new"}], "unknown"),
        ({"body": "x", "type": "order", "info": {}, "session": 1, "bot": 2}, "lambda"),
        ([], "lambda"),
        ([[1]], "lambda"),
        ("text", "lambda"),
        (None, "lambda"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_kinds_by_the_names_in_the_event(event: object, kind: str) -> None:
    assert recognise(event).kind == kind


def _messages(content: Any) -> list[dict[str, Any]]:
    """Return every message that was received anywhere in a recording."""
    if isinstance(content, list):
        return [message for item in content for message in _messages(item)]
    if not isinstance(content, dict):
        return []
    own = [content] if isinstance(content.get("Body"), dict) else []
    return own + [message for item in content.values() for message in _messages(item)]


@pytest.mark.skipif(not RECORDED.exists(), reason=f"the recordings are not at {RECORDED}")
def test_recorded_destinations_and_dead_letters_name_the_invocation_that_they_tell_of() -> None:
    told = 0
    for line in RECORDED.read_text().splitlines():
        for message in _messages(json.loads(line)["content"]):
            body, given = message["Body"], message.get("MessageAttributes") or {}
            attributes = {name: {"stringValue": one["StringValue"]} for name, one in given.items()}
            record = {"eventSource": "aws:sqs", "messageId": "m", "messageAttributes": attributes}
            (cause,) = recognise({"Records": [{**record, "body": json.dumps(body)}]}).causes
            failed = body.get("requestContext", {}).get("requestId")
            failed = failed or attributes.get("RequestID", {}).get("stringValue")
            if failed is not None:
                told += 1
                assert cause.natural_keys[:2] == ["m", failed]

    assert told >= 15
