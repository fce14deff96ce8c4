"""The X-Ray store over its API: pages, filters, merges, limits, late segments."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chainlight_demo.fabric.rehearsal import Rehearsal
from chainlight_demo.fabric.xray_api import SUMMARIES_PER_PAGE


@pytest.fixture
def aws() -> Iterator[Rehearsal]:
    with Rehearsal() as rehearsal:
        yield rehearsal


def segment(number: int = 1, **fields: Any) -> dict[str, Any]:
    now_s = time.time()
    return {
        "name": "worker",
        "id": f"{number:016x}",
        "trace_id": f"1-5759e988-{number:024x}",
        "start_time": now_s,
        "end_time": now_s + 0.5,
        **fields,
    }


def put(aws: Rehearsal, *segments: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = aws.client("xray").put_trace_segments(
        TraceSegmentDocuments=[json.dumps(s) for s in segments]
    )
    return answer


def summaries(aws: Rehearsal, expression: str = "") -> list[dict[str, Any]]:
    pages = aws.client("xray").get_paginator("get_trace_summaries")
    options = {"FilterExpression": expression} if expression else {}
    now_s = time.time()
    answers = pages.paginate(StartTime=now_s - 60, EndTime=now_s + 60, **options)
    return [row for page in answers for row in page["TraceSummaries"]]


def documents(aws: Rehearsal, trace_id: str) -> list[dict[str, Any]]:
    pages = aws.client("xray").get_paginator("batch_get_traces")
    return [
        json.loads(row["Document"])
        for page in pages.paginate(TraceIds=[trace_id])
        for trace in page["Traces"]
        for row in trace["Segments"]
    ]


def test_a_stored_segment_comes_back_as_it_was(aws: Rehearsal) -> None:
    sent = segment(origin="AWS::Lambda", aws={"request_id": "r"})
    assert put(aws, sent)["UnprocessedTraceSegments"] == []
    assert documents(aws, sent["trace_id"]) == [sent]


def test_a_broken_segment_is_named_and_the_rest_is_kept(aws: Rehearsal) -> None:
    answer = aws.client("xray").put_trace_segments(
        TraceSegmentDocuments=["{", json.dumps({"id": "x"}), json.dumps(segment())]
    )
    assert len(answer["UnprocessedTraceSegments"]) == 2
    assert len(summaries(aws)) == 1


def test_a_complete_segment_replaces_the_one_in_progress_and_never_the_reverse(
    aws: Rehearsal,
) -> None:
    done = segment()
    started = {k: v for k, v in done.items() if k != "end_time"} | {"in_progress": True}
    put(aws, started)
    assert summaries(aws)[0]["IsPartial"] is True
    put(aws, done)
    put(aws, started)
    assert documents(aws, done["trace_id"]) == [done]
    assert summaries(aws)[0]["IsPartial"] is False


def test_an_independent_subsegment_is_merged_into_its_parent_in_either_order(
    aws: Rehearsal,
) -> None:
    parent = segment(subsegments=[{"name": "inner", "id": "b" * 16, "start_time": 1.0}])
    child = {
        **segment(2, name="call", parent_id="b" * 16, type="subsegment", namespace="aws"),
        "trace_id": parent["trace_id"],
    }
    put(aws, child)
    assert documents(aws, parent["trace_id"]) == [child]
    put(aws, parent)
    [merged] = documents(aws, parent["trace_id"])
    [nested] = merged["subsegments"][0]["subsegments"]
    assert nested["name"] == "call"
    assert nested.keys().isdisjoint({"trace_id", "type", "parent_id"})


def test_an_annotation_filter_finds_its_traces_only(aws: Rehearsal) -> None:
    inner = {"name": "i", "id": "c" * 16, "start_time": 1.0, "annotations": {"chain_id": "two"}}
    put(aws, segment(1, annotations={"chain_id": "one"}), segment(2, subsegments=[inner]))
    [row] = summaries(aws, 'annotation.chain_id = "two"')
    assert row["Id"] == segment(2)["trace_id"]
    assert row["Annotations"]["chain_id"][0]["AnnotationValue"] == {"StringValue": "two"}
    assert len(summaries(aws, 'annotation[chain_id] = "one"')) == 1
    assert summaries(aws, 'annotation.chain_id = "three"') == []


def test_an_expression_it_does_not_understand_is_refused(aws: Rehearsal) -> None:
    with pytest.raises(ClientError, match="InvalidRequestException"):
        summaries(aws, "responsetime > 5")


def test_summaries_come_in_pages(aws: Rehearsal) -> None:
    count = SUMMARIES_PER_PAGE + 20
    for first in range(0, count, 40):
        put(aws, *(segment(n) for n in range(first, first + 40)))
    now_s = time.time()
    page = aws.client("xray").get_trace_summaries(StartTime=now_s - 60, EndTime=now_s + 60)
    assert len(page["TraceSummaries"]) == SUMMARIES_PER_PAGE
    assert page["NextToken"]
    assert len({row["Id"] for row in summaries(aws)}) == count


def test_a_summary_counts_faults_errors_and_throttles(aws: Rehearsal) -> None:
    put(aws, segment(fault=True, subsegments=[{"name": "x", "id": "d" * 16, "throttle": True}]))
    [row] = summaries(aws)
    assert (row["HasFault"], row["HasError"], row["HasThrottle"]) == (True, False, True)
    assert row["Duration"] == pytest.approx(0.5, abs=0.01)


def test_more_than_five_traces_are_refused(aws: Rehearsal) -> None:
    ids = [segment(n)["trace_id"] for n in range(6)]
    with pytest.raises(ClientError, match="InvalidRequestException"):
        aws.client("xray").batch_get_traces(TraceIds=ids)


def test_unknown_traces_are_named(aws: Rehearsal) -> None:
    put(aws, segment(1))
    ids = [segment(1)["trace_id"], segment(2)["trace_id"]]
    answer = aws.client("xray").batch_get_traces(TraceIds=ids)
    assert [t["Id"] for t in answer["Traces"]] == ids[:1]
    assert answer["UnprocessedTraceIds"] == ids[1:]


def test_with_transaction_search_the_old_api_finds_nothing(aws: Rehearsal) -> None:
    xray = aws.client("xray")
    put(aws, segment())
    assert xray.get_trace_segment_destination()["Destination"] == "XRay"
    xray.update_trace_segment_destination(Destination="CloudWatchLogs")
    assert xray.get_trace_segment_destination()["Destination"] == "CloudWatchLogs"
    assert summaries(aws) == []
    assert documents(aws, segment()["trace_id"]) == []


def test_with_transaction_search_traces_are_retrieved_in_either_format(aws: Rehearsal) -> None:
    xray = aws.client("xray")
    part = {"name": "x", "id": "d" * 16, "start_time": time.time(), "end_time": time.time()}
    put(aws, segment(1, subsegments=[part]))
    xray.update_trace_segment_destination(Destination="CloudWatchLogs")
    found = {}
    for trace_format in ("XRAY", "OTEL"):
        now_s = time.time()
        token = xray.start_trace_retrieval(
            TraceIds=[segment(1)["trace_id"]], StartTime=now_s - 60, EndTime=now_s
        )["RetrievalToken"]
        first = xray.list_retrieved_traces(RetrievalToken=token, TraceFormat=trace_format)
        second = xray.list_retrieved_traces(RetrievalToken=token, TraceFormat=trace_format)
        assert (first["RetrievalStatus"], first["Traces"]) == ("RUNNING", [])
        found[trace_format] = [json.loads(s["Document"]) for s in second["Traces"][0]["Spans"]]
    assert [each["id"] for each in found["XRAY"]] == [segment(1)["id"]]
    assert [each["spanId"] for each in found["OTEL"]] == [segment(1)["id"], "d" * 16]


def test_late_segments_appear_later_and_lost_ones_never(aws: Rehearsal) -> None:
    aws.faults.late_segment_share, aws.faults.late_segment_ms = 1.0, 700
    put(aws, segment(1))
    assert summaries(aws) == []
    while not summaries(aws):
        continue
    aws.faults.late_segment_share, aws.faults.lost_segment_share = 0.0, 1.0
    put(aws, segment(2))
    assert len(summaries(aws)) == 1


def test_sampling_answers_keep_the_sdk_quiet(aws: Rehearsal) -> None:
    xray = aws.client("xray")
    [record] = xray.get_sampling_rules()["SamplingRuleRecords"]
    assert record["SamplingRule"]["RuleName"] == "Default"
    answer = xray.get_sampling_targets(
        SamplingStatisticsDocuments=[
            {
                "RuleName": "Default",
                "ClientID": "0" * 24,
                "Timestamp": 0,
                "RequestCount": 1,
                "SampledCount": 1,
            }
        ]
    )
    assert answer["SamplingTargetDocuments"][0]["RuleName"] == "Default"
