"""Every AWS request the collector makes, with the shape of its answer.

The IAM actions named here are exactly those of the role in template.yaml (a test compares). Rates
are AWS's quotas as of 2026-11 or below; `Aws` takes others.
"""

from __future__ import annotations

from typing import Any, TypedDict

from chainlight_collector.aws import Operation
from chainlight_collector.sources import operations_metrics, operations_routes, operations_traces


class LogGroup(TypedDict, total=False):
    """A log group as DescribeLogGroups lists it."""

    logGroupName: str
    logGroupArn: str
    logGroupClass: str
    creationTime: int
    retentionInDays: int


class LogGroupsPage(TypedDict, total=False):
    """One page of DescribeLogGroups."""

    logGroups: list[LogGroup]
    nextToken: str


class RawPage(TypedDict):
    """One page of FilterLogEvents, its body as AWS sent it."""

    RawBody: bytes


class TaggedResource(TypedDict):
    """A resource as GetResources lists it."""

    ResourceARN: str


class TaggedPage(TypedDict, total=False):
    """One page of GetResources."""

    ResourceTagMappingList: list[TaggedResource]
    PaginationToken: str


class LoggingConfig(TypedDict, total=False):
    """Where and how a function logs."""

    LogFormat: str
    LogGroup: str
    SystemLogLevel: str
    ApplicationLogLevel: str


class FunctionConfiguration(TypedDict, total=False):
    """A function as ListFunctions lists it."""

    FunctionName: str
    FunctionArn: str
    Runtime: str
    Architectures: list[str]
    MemorySize: int
    Timeout: int
    Layers: list[dict[str, Any]]
    Environment: dict[str, Any]
    DeadLetterConfig: dict[str, str]
    TracingConfig: dict[str, str]
    DurableConfig: dict[str, Any]
    LoggingConfig: LoggingConfig


class FunctionsPage(TypedDict, total=False):
    """One page of ListFunctions."""

    Functions: list[FunctionConfiguration]
    NextMarker: str


class InvokeConfig(TypedDict, total=False):
    """How asynchronous invocations of a function are retried and where they end."""

    MaximumRetryAttempts: int
    MaximumEventAgeInSeconds: int
    DestinationConfig: dict[str, dict[str, str]]


class Concurrency(TypedDict, total=False):
    """The reserved concurrency of a function."""

    ReservedConcurrentExecutions: int


class Recursion(TypedDict, total=False):
    """What Lambda does when a function calls itself in a loop."""

    RecursiveLoop: str


class ProvisionedPage(TypedDict, total=False):
    """One page of ListProvisionedConcurrencyConfigs, 50 versions or aliases at most."""

    ProvisionedConcurrencyConfigs: list[dict[str, Any]]
    NextMarker: str


class Tags(TypedDict, total=False):
    """The tags of a function."""

    Tags: dict[str, str]


class EventSourceMapping(TypedDict, total=False):
    """A queue or stream that feeds a function."""

    UUID: str
    EventSourceArn: str
    FunctionArn: str
    State: str
    BatchSize: int
    MaximumBatchingWindowInSeconds: int
    ScalingConfig: dict[str, int]
    MaximumRetryAttempts: int
    MaximumRecordAgeInSeconds: int
    ParallelizationFactor: int
    BisectBatchOnFunctionError: bool
    FunctionResponseTypes: list[str]
    DestinationConfig: dict[str, dict[str, str]]


class MappingsPage(TypedDict, total=False):
    """One page of ListEventSourceMappings."""

    EventSourceMappings: list[EventSourceMapping]
    NextMarker: str


class QueueUrl(TypedDict):
    """The address of a queue."""

    QueueUrl: str


class QueueAttributes(TypedDict, total=False):
    """The attributes of a queue, all as text."""

    Attributes: dict[str, str]


class Message(TypedDict, total=False):
    """One message of a queue."""

    MessageId: str
    ReceiptHandle: str
    Body: str
    Attributes: dict[str, str]
    MessageAttributes: dict[str, dict[str, Any]]


class Messages(TypedDict, total=False):
    """What one ReceiveMessage found."""

    Messages: list[Message]


class SourceQueuesPage(TypedDict, total=False):
    """One page of ListDeadLetterSourceQueues."""

    queueUrls: list[str]
    NextToken: str


class VisibilityAnswer(TypedDict, total=False):
    """Which messages were given back."""

    Failed: list[dict[str, Any]]


class ObjectHead(TypedDict):
    """What S3 says of an object."""

    ETag: str


class ObjectBody(TypedDict):
    """An object of S3; Body is a stream."""

    ETag: str
    Body: Any


class SecretValue(TypedDict):
    """The answer of GetSecretValue, of a secret that is text."""

    SecretString: str


class PublishAnswer(TypedDict):
    """What SNS says of a message it took."""

    MessageId: str


DESCRIBE_LOG_GROUPS: Operation[LogGroupsPage] = Operation(
    "logs", "describe_log_groups", "logs:DescribeLogGroups"
)
FILTER_LOG_EVENTS: Operation[RawPage] = Operation(
    "logs", "filter_log_events", "logs:FilterLogEvents", calls_per_s=5
)
GET_RESOURCES: Operation[TaggedPage] = Operation(
    "resourcegroupstaggingapi", "get_resources", "tag:GetResources", calls_per_s=5
)
LIST_FUNCTIONS: Operation[FunctionsPage] = Operation(
    "lambda", "list_functions", "lambda:ListFunctions"
)
LIST_MAPPINGS: Operation[MappingsPage] = Operation(
    "lambda", "list_event_source_mappings", "lambda:ListEventSourceMappings"
)
GET_INVOKE_CONFIG: Operation[InvokeConfig] = Operation(
    "lambda", "get_function_event_invoke_config", "lambda:GetFunctionEventInvokeConfig"
)
GET_CONCURRENCY: Operation[Concurrency] = Operation(
    "lambda", "get_function_concurrency", "lambda:GetFunctionConcurrency"
)
GET_RECURSION: Operation[Recursion] = Operation(
    "lambda", "get_function_recursion_config", "lambda:GetFunctionRecursionConfig"
)
LIST_PROVISIONED: Operation[ProvisionedPage] = Operation(
    "lambda", "list_provisioned_concurrency_configs", "lambda:ListProvisionedConcurrencyConfigs"
)
LIST_TAGS: Operation[Tags] = Operation("lambda", "list_tags", "lambda:ListTags")
GET_QUEUE_URL: Operation[QueueUrl] = Operation(
    "sqs", "get_queue_url", "sqs:GetQueueUrl", calls_per_s=50
)
GET_QUEUE_ATTRIBUTES: Operation[QueueAttributes] = Operation(
    "sqs", "get_queue_attributes", "sqs:GetQueueAttributes", calls_per_s=50
)
LIST_SOURCE_QUEUES: Operation[SourceQueuesPage] = Operation(
    "sqs", "list_dead_letter_source_queues", "sqs:ListDeadLetterSourceQueues", calls_per_s=50
)
RECEIVE_MESSAGE: Operation[Messages] = Operation(
    "sqs", "receive_message", "sqs:ReceiveMessage", calls_per_s=100
)
GIVE_BACK: Operation[VisibilityAnswer] = Operation(
    "sqs", "change_message_visibility_batch", "sqs:ChangeMessageVisibility", calls_per_s=100
)
GET_OBJECT: Operation[ObjectBody] = Operation("s3", "get_object", "s3:GetObject", calls_per_s=100)
PUT_OBJECT: Operation[ObjectHead] = Operation("s3", "put_object", "s3:PutObject", calls_per_s=100)
PUBLISH: Operation[PublishAnswer] = Operation("sns", "publish", "sns:Publish", calls_per_s=10)
GET_SECRET_VALUE: Operation[SecretValue] = Operation(
    "secretsmanager", "get_secret_value", "secretsmanager:GetSecretValue", calls_per_s=100
)

ALL: tuple[Operation[Any], ...] = (
    DESCRIBE_LOG_GROUPS,
    FILTER_LOG_EVENTS,
    GET_RESOURCES,
    LIST_FUNCTIONS,
    LIST_MAPPINGS,
    GET_INVOKE_CONFIG,
    GET_CONCURRENCY,
    GET_RECURSION,
    LIST_PROVISIONED,
    LIST_TAGS,
    GET_QUEUE_URL,
    GET_QUEUE_ATTRIBUTES,
    LIST_SOURCE_QUEUES,
    RECEIVE_MESSAGE,
    GIVE_BACK,
    GET_OBJECT,
    PUT_OBJECT,
    PUBLISH,
    GET_SECRET_VALUE,
    *operations_metrics.ALL,
    *operations_routes.ALL,
    *operations_traces.ALL,
)
