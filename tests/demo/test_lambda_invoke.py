"""Invoke, as a caller sees it, against real child processes under awslambdaric."""

from __future__ import annotations

import base64
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from conftest import Rig

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
ECHO = """
    def main(event, context):
        return {
            "event": event,
            "request_id": context.aws_request_id,
            "arn": context.invoked_function_arn,
            "version": context.function_version,
            "memory": context.memory_limit_in_mb,
            "custom": context.client_context.custom if context.client_context else None,
        }
"""


def test_sync_invoke_answers_with_the_result_and_the_callees_request_id(rig: Rig) -> None:
    arn = rig.deploy("echo", ECHO)

    answer = rig.invoke("echo", {"a": 1})

    request_id = answer["ResponseMetadata"]["RequestId"]
    assert UUID.fullmatch(request_id)
    assert answer["StatusCode"] == 200
    assert answer["ExecutedVersion"] == "$LATEST"
    assert "FunctionError" not in answer
    assert answer["Payload"] == {
        "event": {"a": 1},
        "request_id": request_id,
        "arn": arn,
        "version": "$LATEST",
        "memory": "128",
        "custom": None,
    }


def test_event_invoke_answers_202_at_once_and_runs_later_under_the_same_id(rig: Rig) -> None:
    rig.deploy("echo", "def main(event, context): print('ran', context.aws_request_id)")

    answer = rig.invoke("echo", InvocationType="Event")

    assert (answer["StatusCode"], answer["Payload"]) == (202, None)
    assert f"ran {answer['ResponseMetadata']['RequestId']}\n" in rig.messages("echo")


def test_dry_run_answers_204_and_runs_nothing(rig: Rig) -> None:
    rig.deploy("echo", ECHO)

    assert rig.invoke("echo", InvocationType="DryRun")["StatusCode"] == 204
    groups = rig.aws.client("logs").describe_log_groups()["logGroups"]
    assert groups == []


def test_handler_exception_is_an_unhandled_function_error(rig: Rig) -> None:
    rig.deploy("bad", "def main(event, context): raise ValueError('no good')")

    answer = rig.invoke("bad")

    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert answer["Payload"]["errorType"] == "ValueError"
    assert answer["Payload"]["errorMessage"] == "no good"
    assert answer["Payload"]["requestId"] == answer["ResponseMetadata"]["RequestId"]
    assert "raise ValueError" in answer["Payload"]["stackTrace"][0]


def test_unknown_function_is_a_404_that_boto3_recognises(rig: Rig) -> None:
    client = rig.aws.client("lambda")

    with pytest.raises(client.exceptions.ResourceNotFoundException, match="Function not found"):
        client.invoke(FunctionName="nobody")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke(FunctionName="nobody", InvocationType="DryRun")


def test_payload_that_is_no_json_is_refused(rig: Rig) -> None:
    rig.deploy("echo", ECHO)

    with pytest.raises(ClientError, match="InvalidRequestContentException"):
        rig.aws.client("lambda").invoke(FunctionName="echo", Payload=b"{")


def test_reserved_concurrency_of_zero_throttles_as_recorded(rig: Rig) -> None:
    rig.deploy("echo", ECHO)
    client = rig.aws.client("lambda")
    client.put_function_concurrency(FunctionName="echo", ReservedConcurrentExecutions=0)

    with pytest.raises(client.exceptions.TooManyRequestsException) as caught:
        client.invoke(FunctionName="echo")

    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert response["Error"]["Message"] == "Rate Exceeded."


def test_log_tail_shows_the_invocations_lines(rig: Rig) -> None:
    rig.deploy("talker", "def main(event, context): print('one'); print('two')")

    answer = rig.invoke("talker", LogType="Tail")

    tail = base64.b64decode(answer["LogResult"]).decode()
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert f"START RequestId: {request_id} Version: $LATEST\none\ntwo\nEND" in tail
    assert f"REPORT RequestId: {request_id}\tDuration: " in tail
    assert "LogResult" not in rig.invoke("talker")


def test_client_context_reaches_synchronous_calls_only(rig: Rig) -> None:
    rig.deploy(
        "echo", ECHO + "\n    echo = main\n    def main(e, c): print(r := echo(e, c)); return r"
    )
    context = base64.b64encode(json.dumps({"custom": {"chain": "ä\n"}}).encode()).decode()

    sync = rig.invoke("echo", ClientContext=context)
    rig.invoke("echo", ClientContext=context, InvocationType="Event")

    assert sync["Payload"]["custom"] == {"chain": "ä\n"}
    lines = [line for line in rig.messages("echo") if "'custom'" in line]
    assert ["'custom': None" in line for line in lines] == [False, True]


def test_versions_and_aliases_are_found_by_qualifier_and_by_arn(rig: Rig) -> None:
    arn = rig.deploy("echo", ECHO)
    client = rig.aws.client("lambda")
    client.publish_version(FunctionName="echo")
    client.create_alias(FunctionName="echo", Name="live", FunctionVersion="1")

    by_alias = rig.invoke("echo", Qualifier="live")
    by_arn = rig.invoke(f"{arn}:1")
    by_partial_arn = rig.invoke("123456789012:function:echo:live")

    assert by_alias["ExecutedVersion"] == by_arn["ExecutedVersion"] == "1"
    assert by_partial_arn["Payload"]["arn"] == f"{arn}:live"
    assert by_alias["Payload"]["arn"] == f"{arn}:live"
    assert by_arn["Payload"]["arn"] == f"{arn}:1"


def test_sandbox_is_used_again_until_its_function_changes(rig: Rig) -> None:
    source = "import os\ndef main(event, context): return [os.getpid(), os.environ.get('MARK')]"
    rig.deploy("pid", source)

    first, second = rig.invoke("pid")["Payload"], rig.invoke("pid")["Payload"]
    rig.aws.client("lambda").update_function_configuration(
        FunctionName="pid", Environment={"Variables": {"MARK": "new"}}
    )
    third = rig.invoke("pid")["Payload"]

    assert first == second
    assert third[0] != first[0]
    assert third[1] == "new"


def test_environment_is_lambdas_and_nothing_of_ours(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_HOST", "1")
    rig.deploy("env", "import os\ndef main(event, context): return dict(os.environ)")

    environment = rig.invoke("env")["Payload"]

    assert "SECRET_OF_THE_HOST" not in environment
    assert environment["_HANDLER"] == "handler.main"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "env"
    assert environment["AWS_LAMBDA_FUNCTION_VERSION"] == "$LATEST"
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "128"
    assert environment["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/env"
    assert environment["AWS_LAMBDA_LOG_STREAM_NAME"] == rig.rows("env")[0]["logStreamName"]
    assert environment["AWS_LAMBDA_LOG_FORMAT"] == "Text"
    assert environment["AWS_LAMBDA_INITIALIZATION_TYPE"] == "on-demand"
    assert environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.11"
    assert environment["AWS_ENDPOINT_URL"] == rig.aws.endpoint_url
    assert environment["TZ"] == ":UTC"


def test_runtime_ships_boto3_but_nothing_else_of_the_project(rig: Rig) -> None:
    rig.deploy(
        "imports",
        """
        import importlib.util
        def main(event, context):
            return {name: importlib.util.find_spec(name) is not None for name in event["names"]}
        """,
    )

    names = ["boto3", "awslambdaric", "urllib3", "chainlight", "duckdb", "aws_xray_sdk", "moto"]
    found = rig.invoke("imports", {"names": names})["Payload"]

    assert [name for name in names if found[name]] == ["boto3", "awslambdaric", "urllib3"]


def test_later_layer_wins_over_earlier_one_and_the_function_over_both(rig: Rig) -> None:
    client = rig.aws.client("lambda")
    layers = []
    for name, files in {
        "first": {"python/one.py": "NAME = 'first'", "python/both.py": "NAME = 'first'"},
        "second": {"python/both.py": "NAME = 'second'", "python/own.py": "NAME = 'second'"},
    }.items():
        content = {"ZipFile": rig.zip(files)}
        answer = client.publish_layer_version(LayerName=name, Content=content)
        layers.append(answer["LayerVersionArn"])
    source = {
        "handler.py": (
            "import one, both, own\n"
            "def main(event, context): return [one.NAME, both.NAME, own.NAME]"
        ),
        "own.py": "NAME = 'function'",
    }
    rig.deploy("layered", "", Layers=layers)
    client.update_function_code(FunctionName="layered", ZipFile=rig.zip(source))

    assert rig.invoke("layered")["Payload"] == ["first", "second", "function"]


def test_exec_wrapper_of_a_layer_starts_the_runtime(rig: Rig) -> None:
    wrapper = '#!/bin/bash\nexport WRAPPED="$(basename "$1") $(basename "$2") $#"\nexec "$@"\n'
    content = {"ZipFile": rig.zip({"wrap": wrapper}, mode=0o755)}
    layer = rig.aws.client("lambda").publish_layer_version(LayerName="wrap", Content=content)
    rig.deploy(
        "wrapped",
        "import os\ndef main(event, context): return os.environ['WRAPPED']",
        Layers=[layer["LayerVersionArn"]],
        Environment={"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/wrap"}},
    )

    assert rig.invoke("wrapped")["Payload"] == "python bootstrap.py 2"


def test_missing_exec_wrapper_ends_like_on_aws(rig: Rig) -> None:
    rig.deploy(
        "lost",
        ECHO,
        Environment={"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/nowhere"}},
    )

    payload = rig.invoke("lost")["Payload"]

    assert payload["errorType"] == "Runtime.ExitError"
    assert payload["errorMessage"].endswith("Error: Runtime exited with error: exit status 127")


def test_newer_runtimes_that_poll_on_a_thread_work(rig: Rig) -> None:
    rig.deploy("echo", ECHO, Runtime="python3.13")

    assert rig.invoke("echo", {"a": 1})["Payload"]["event"] == {"a": 1}
    assert rig.invoke("echo", {"a": 2})["Payload"]["event"] == {"a": 2}


def test_code_comes_from_s3_too(rig: Rig) -> None:
    s3 = rig.aws.client("s3")
    s3.create_bucket(Bucket="code")
    source = "def main(event, context): return 'from s3'"
    s3.put_object(Bucket="code", Key="f.zip", Body=rig.zip({"handler.py": source}))
    rig.deploy("f", "")
    rig.aws.client("lambda").update_function_code(FunctionName="f", S3Bucket="code", S3Key="f.zip")

    assert rig.invoke("f")["Payload"] == "from s3"


def test_function_calls_another_through_plain_boto3(rig: Rig) -> None:
    rig.deploy("echo", ECHO)
    rig.deploy(
        "caller",
        """
        import json, boto3
        client = boto3.client("lambda")
        def main(event, context):
            answer = client.invoke(FunctionName="echo", Payload=b'{"from": "caller"}')
            said = json.load(answer["Payload"])
            return [answer["ResponseMetadata"]["RequestId"], said["request_id"], said["event"]]
        """,
    )

    logged, real, event = rig.invoke("caller")["Payload"]

    assert logged == real
    assert event == {"from": "caller"}


def test_forty_parents_that_wait_for_children_do_not_deadlock(rig: Rig) -> None:
    rig.deploy("child", "import time\ndef main(event, context): time.sleep(0.1)")
    rig.deploy(
        "parent",
        """
        import http.client, os, urllib.parse
        host = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc
        def main(event, context):
            link = http.client.HTTPConnection(host, timeout=50)
            link.request("POST", "/2015-03-31/functions/child/invocations", b"{}")
            return link.getresponse().status
        """,
        Timeout=60,
    )

    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda _: rig.invoke("parent"), range(40)))

    assert [answer["Payload"] for answer in answers] == [200] * 40
