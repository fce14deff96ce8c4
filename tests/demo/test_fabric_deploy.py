"""A SAM template deployed through CloudFormation keeps what moto drops, and works when driven."""

import io
import json
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chainlight_demo import fabric
from chainlight_demo.fabric.deploy import DeployError, delete_stack, deploy_stack
from chainlight_demo.fabric.rehearsal import Rehearsal

TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Prefix: {Type: String}
  BatchSize: {Type: Number, Default: 7}
Globals:
  Function:
    Runtime: python3.11
    CodeUri: code/
    Tracing: Active
    Environment: {Variables: {QUEUE_URL: !Ref Queue}}
Resources:
  Layer:
    Type: AWS::Serverless::LayerVersion
    Properties:
      LayerName: !Sub "${Prefix}-layer"
      ContentUri: layer.zip
      CompatibleRuntimes: [python3.11]
      RetentionPolicy: Delete
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub "${Prefix}-worker"
      Handler: app.handler
      MemorySize: 512
      Timeout: 20
      Architectures: [arm64]
      Layers: [!Ref Layer]
      ReservedConcurrentExecutions: 3
      LoggingConfig: {LogFormat: JSON, LogGroup: !Ref Group}
      DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Dead.Arn}
      EventInvokeConfig:
        MaximumRetryAttempts: 1
        DestinationConfig:
          OnFailure: {Type: SQS, Destination: !GetAtt Dead.Arn}
      Tags: {owner: shop}
      Policies:
        - SQSSendMessagePolicy: {QueueName: !GetAtt Queue.QueueName}
      Events:
        Queue:
          Type: SQS
          Properties:
            Queue: !GetAtt Queue.Arn
            BatchSize: !Ref BatchSize
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: {MaximumConcurrency: 2}
        Topic:
          Type: SNS
          Properties: {Topic: !Ref Topic, FilterPolicy: {kind: [new]}}
        Upload:
          Type: S3
          Properties:
            Bucket: !Ref Bucket
            Events: "s3:ObjectCreated:*"
            Filter: {S3Key: {Rules: [{Name: suffix, Value: .json}]}}
        Event:
          Type: EventBridgeRule
          Properties: {Pattern: {source: [shop]}}
        Clock:
          Type: Schedule
          Properties: {Schedule: rate(5 minutes), Name: !Sub "${Prefix}-clock"}
        Log:
          Type: CloudWatchLogs
          Properties: {LogGroupName: !Ref OtherGroup, FilterPattern: "?REPORT"}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub "${Prefix}-bucket"
      VersioningConfiguration: {Status: Enabled}
      PublicAccessBlockConfiguration:
        {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true,
         RestrictPublicBuckets: true}
  Topic: {Type: AWS::SNS::Topic}
  Group:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: !Sub "/shop/${Prefix}", RetentionInDays: 7}
  OtherGroup:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: !Sub "/other/${Prefix}"}
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 4}
  Dead: {Type: AWS::SQS::Queue}
Outputs:
  WorkerArn: {Value: !GetAtt Worker.Arn}
  QueueUrl: {Value: !Ref Queue}
  TopicArn: {Value: !Ref Topic}
  LayerArn: {Value: !Ref Layer}
"""


@pytest.fixture
def aws() -> Iterator[Rehearsal]:
    with Rehearsal() as rehearsal:
        yield rehearsal


@pytest.fixture
def template(tmp_path: Path) -> Path:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text("def handler(event, context): ...\n")
    with zipfile.ZipFile(tmp_path / "layer.zip", "w") as archive:
        archive.writestr("python/x.py", "")
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    return path


@pytest.fixture
def outputs(aws: Rehearsal, template: Path) -> dict[str, str]:
    aws.plane.handlers["t-worker"] = lambda _event: None
    return deploy_stack(aws.client, template, "shop", {"Prefix": "t"})


def test_a_function_keeps_every_setting_of_its_template(
    aws: Rehearsal, outputs: dict[str, str]
) -> None:
    config = aws.client("lambda").get_function(FunctionName="t-worker")
    function = config["Configuration"]
    assert function["FunctionArn"] == outputs["WorkerArn"]
    assert [layer["Arn"] for layer in function["Layers"]] == [outputs["LayerArn"]]
    assert function["TracingConfig"] == {"Mode": "Active"}
    assert function["Architectures"] == ["arm64"]
    assert (function["MemorySize"], function["Timeout"]) == (512, 20)
    assert function["Environment"]["Variables"] == {"QUEUE_URL": outputs["QueueUrl"]}
    assert config["Concurrency"] == {"ReservedConcurrentExecutions": 3}
    assert config["Tags"]["owner"] == "shop"


def test_its_mapping_and_invoke_config_arrive(aws: Rehearsal, outputs: dict[str, str]) -> None:
    client = aws.client("lambda")
    [mapping] = client.list_event_source_mappings()["EventSourceMappings"]
    assert mapping["BatchSize"] == 7
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}
    invoke = client.get_function_event_invoke_config(FunctionName="t-worker")
    assert invoke["MaximumRetryAttempts"] == 1
    assert ":sqs:" in invoke["DestinationConfig"]["OnFailure"]["Destination"]
    policy = json.loads(client.get_policy(FunctionName="t-worker")["Policy"])
    assert len(policy["Statement"]) >= 4
    assert outputs


def test_every_event_of_the_template_reaches_the_function(
    aws: Rehearsal, outputs: dict[str, str]
) -> None:
    aws.client("sqs").send_message(QueueUrl=outputs["QueueUrl"], MessageBody="x")
    for kind in ("old", "new"):
        attributes = {"kind": {"DataType": "String", "StringValue": kind}}
        aws.client("sns").publish(
            TopicArn=outputs["TopicArn"], Message=kind, MessageAttributes=attributes
        )
    for key in ("a.json", "a.txt"):
        aws.client("s3").put_object(Bucket="t-bucket", Key=key, Body=b"")
    aws.client("events").put_events(Entries=[{"Source": "shop", "DetailType": "d", "Detail": "{}"}])
    logs = aws.client("logs")
    logs.create_log_stream(logGroupName="/other/t", logStreamName="s")
    logs.put_log_events(
        logGroupName="/other/t",
        logStreamName="s",
        logEvents=[{"timestamp": int(time.time() * 1000), "message": "REPORT"}],
    )
    fabric.fire_schedule(aws, "t-clock")
    aws.wait_until_quiet()
    assert sorted(source_of(i.event) for i in aws.plane.invocations) == [
        "aws.events",
        "aws:s3",
        "aws:sns",
        "aws:sqs",
        "awslogs",
        "shop",
    ]


def source_of(event: dict[str, Any]) -> str:
    if "Records" in event:
        record = event["Records"][0]
        return str(record.get("eventSource") or record["EventSource"])
    return "awslogs" if "awslogs" in event else str(event["source"])


def test_deleting_the_stack_leaves_nothing(aws: Rehearsal, outputs: dict[str, str]) -> None:
    delete_stack(aws.client, "shop")
    client = aws.client("lambda")
    assert client.list_functions()["Functions"] == []
    assert client.list_layers()["Layers"] == []
    assert client.list_event_source_mappings()["EventSourceMappings"] == []
    assert aws.client("sns").list_subscriptions()["Subscriptions"] == []
    assert aws.client("s3").list_buckets()["Buckets"] == []
    assert "QueueUrls" not in aws.client("sqs").list_queues()
    assert aws.client("logs").describe_log_groups()["logGroups"] == []
    assert aws.client("events").list_rules()["Rules"] == []
    assert aws.client("iam").list_roles()["Roles"] == []
    assert outputs


def test_code_is_uploaded_once_and_reproducibly(aws: Rehearsal, outputs: dict[str, str]) -> None:
    rows = aws.client("s3").list_objects_v2(Bucket="shop-artifacts")["Contents"]
    assert sorted(row["Key"] for row in rows) == ["000-code.zip", "001-layer.zip"]
    body = aws.client("s3").get_object(Bucket="shop-artifacts", Key="000-code.zip")["Body"].read()
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        [entry] = archive.infolist()
    assert (entry.filename, entry.date_time[0]) == ("app.py", 1980)
    assert outputs


def test_an_artifact_may_stand_in_for_a_path(
    aws: Rehearsal, template: Path, tmp_path: Path
) -> None:
    built = tmp_path / "built.zip"
    (tmp_path / "layer.zip").rename(built)
    outputs = deploy_stack(aws.client, template, "shop", {"Prefix": "t"}, {"layer.zip": built})
    assert outputs["LayerArn"].endswith(":layer:t-layer:1")


def test_missing_code_is_an_error_that_says_what_to_do(aws: Rehearsal, template: Path) -> None:
    (template.parent / "layer.zip").unlink()
    with pytest.raises(DeployError, match=r"layer\.zip does not exist: build it"):
        deploy_stack(aws.client, template, "shop", {"Prefix": "t"})


def test_plain_cloudformation_deploys_too(aws: Rehearsal, template: Path) -> None:
    plain = template.with_name("plain.yaml")
    plain.write_text(
        """
        Resources:
          Queue: {Type: AWS::SQS::Queue}
          QueuePolicy:
            Type: AWS::SQS::QueuePolicy
            Properties:
              Queues: [!Ref Queue]
              PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow}]}
          Topic: {Type: AWS::SNS::Topic}
          TopicPolicy:
            Type: AWS::SNS::TopicPolicy
            Properties: {Topics: [!Ref Topic], PolicyDocument: {Statement: []}}
          Bucket: {Type: AWS::S3::Bucket}
          BucketPolicy:
            Type: AWS::S3::BucketPolicy
            Properties: {Bucket: !Ref Bucket, PolicyDocument: {Statement: []}}
          Subscription:
            Type: AWS::SNS::Subscription
            Properties:
              {TopicArn: !Ref Topic, Protocol: sqs, Endpoint: !GetAtt Queue.Arn,
               RawMessageDelivery: true}
          Alarm: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: a}}
        Outputs:
          QueueUrl: {Value: !Ref Queue}
          TopicArn: {Value: !Ref Topic}
        """
    )
    outputs = deploy_stack(aws.client, plain, "plain")
    aws.client("sns").publish(TopicArn=outputs["TopicArn"], Message="raw")
    [message] = aws.client("sqs").receive_message(QueueUrl=outputs["QueueUrl"])["Messages"]
    assert message["Body"] == "raw"


def test_a_broken_template_is_an_error(aws: Rehearsal, template: Path) -> None:
    template.write_text("Resources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref X}}}")
    with pytest.raises(DeployError, match="X"):
        deploy_stack(aws.client, template, "shop")


def test_a_resource_type_nobody_implements_is_named(aws: Rehearsal, template: Path) -> None:
    template.write_text("Resources: {P: {Type: AWS::Pipes::Pipe}}")
    with pytest.raises(DeployError, match=r"AWS::Pipes::Pipe is not supported"):
        deploy_stack(aws.client, template, "shop")
