"""X-Ray: the header that goes in, the segments that come out, held against real traces."""

from __future__ import annotations

import json
import os
import re
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Rig

HEADER = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
ROOT = "1-5759e988-bd862e3fe1be46a994272793"
SHOW = """
    import os
    def main(event, context):
        if event.get("fail"):
            raise RuntimeError("asked for")
        return os.environ["_X_AMZN_TRACE_ID"]
"""


def fields(header: str) -> dict[str, str]:
    """Return a trace header by field name."""
    return dict(part.split("=", 1) for part in header.split(";"))


def traced(rig: Rig, name: str, event: Any, header: str | None) -> Any:
    """Invoke through the plane with a trace header and return the parsed payload."""
    result = rig.aws.plane.invoke(
        name, json.dumps(event).encode(), mode="sync", trace_header=header
    )
    return json.loads(result.payload)


def by_origin(rig: Rig, trace_id: str) -> dict[str, dict[str, Any]]:
    """Return the one segment of each origin in a trace."""
    rig.aws.wait_until_quiet()
    return {segment["origin"]: segment for segment in rig.aws.xray.segments(trace_id)}


def recorded_segments(samples: Path, origin: str) -> list[dict[str, Any]]:
    """Return all real segments of one origin."""
    found = []
    for path in sorted((samples / "xray").glob("servibench__*.json")):
        for segment in json.loads(path.read_text())["Segments"]:
            document = segment["Document"]
            document = json.loads(document) if isinstance(document, str) else document
            if document.get("origin") == origin:
                found.append(document)
    return found


def assert_like_recorded(segment: dict[str, Any], recorded: list[dict[str, Any]]) -> None:
    """Hold a segment's keys between what all and what any of the real ones have."""
    every = set.intersection(*(set(document) for document in recorded))
    some = set.union(*(set(document) for document in recorded))
    assert every <= set(segment) <= some
    for key in every & {"aws", "http"}:
        assert set(segment[key]) == set.union(*(set(document[key]) for document in recorded))


def test_root_is_kept_and_the_parent_is_the_functions_own_segment(rig: Rig) -> None:
    rig.deploy("f", SHOW)

    inside = fields(traced(rig, "f", {}, HEADER))

    segments = by_origin(rig, ROOT)
    assert (inside["Root"], inside["Sampled"]) == (ROOT, "1")
    assert inside["Parent"] == segments["AWS::Lambda::Function"]["id"]
    assert segments["AWS::Lambda"]["parent_id"] == "53995c3f42cd8ad8"
    assert re.fullmatch(r"1:[0-9a-f]{8}:0", inside["Lineage"])


def test_header_is_minted_and_unsampled_when_nobody_traces(rig: Rig) -> None:
    rig.deploy("f", SHOW)

    inside = fields(traced(rig, "f", {}, None))

    assert re.fullmatch(r"1-[0-9a-f]{8}-[0-9a-f]{24}", inside["Root"])
    assert inside["Sampled"] == "0"
    assert rig.aws.xray.trace_ids() == []


def test_active_function_honours_a_decision_not_to_sample(rig: Rig) -> None:
    rig.deploy("f", SHOW, TracingConfig={"Mode": "Active"})

    unsampled = fields(traced(rig, "f", {}, HEADER.replace("Sampled=1", "Sampled=0")))
    minted = fields(traced(rig, "f", {}, None))

    assert (unsampled["Sampled"], minted["Sampled"]) == ("0", "1")
    assert rig.aws.xray.trace_ids() == [minted["Root"]]


def test_lineage_counts_on(rig: Rig) -> None:
    rig.deploy("f", SHOW)

    inside = fields(traced(rig, "f", {}, f"{HEADER};Lineage=1:457dbdd8:3"))

    assert re.fullmatch(r"1:[0-9a-f]{8}:4", inside["Lineage"])


def test_sync_pair_has_the_keys_of_real_segments(rig: Rig, samples: Path) -> None:
    rig.deploy("f", SHOW)
    answer = rig.aws.plane.invoke("f", b"{}", mode="sync", trace_header=HEADER)

    segments = by_origin(rig, ROOT)

    service, function = segments["AWS::Lambda"], segments["AWS::Lambda::Function"]
    assert_like_recorded(service, recorded_segments(samples, "AWS::Lambda"))
    assert_like_recorded(function, recorded_segments(samples, "AWS::Lambda::Function"))
    assert service["aws"]["request_id"] == answer.request_id
    assert service["http"] == {"response": {"status": 200}}
    assert function["parent_id"] == service["id"]
    assert [part["name"] for part in function["subsegments"]] == ["Init"]
    assert service["start_time"] <= function["start_time"] <= function["end_time"]
    assert function["end_time"] <= service["end_time"]


def test_warm_function_has_no_init(rig: Rig) -> None:
    rig.deploy("f", SHOW)
    rig.invoke("f")

    traced(rig, "f", {}, HEADER)

    assert "subsegments" not in by_origin(rig, ROOT)["AWS::Lambda::Function"]


def test_exception_is_an_error_with_its_cause(rig: Rig) -> None:
    rig.deploy("f", SHOW)

    traced(rig, "f", {"fail": True}, HEADER)

    function = by_origin(rig, ROOT)["AWS::Lambda::Function"]
    assert function["error"] is True
    assert function["cause"]["exceptions"][0]["message"] == "asked for"
    assert by_origin(rig, ROOT)["AWS::Lambda"]["error"] is True


def test_async_attempts_are_subsegments_that_end_after_their_segment(
    rig: Rig, samples: Path
) -> None:
    rig.deploy("f", SHOW)
    result = rig.aws.plane.invoke("f", b'{"fail": 1}', mode="async", trace_header=HEADER)
    rig.aws.wait_until_quiet()

    segments = rig.aws.xray.segments(ROOT)

    service = next(segment for segment in segments if segment["origin"] == "AWS::Lambda")
    functions = [s for s in segments if s["origin"] == "AWS::Lambda::Function"]
    parts = service["subsegments"]
    assert_like_recorded(service, recorded_segments(samples, "AWS::Lambda"))
    assert service["http"] == {"response": {"status": 202}}
    assert service["aws"] == {"request_id": result.request_id}
    assert [p["name"] for p in parts] == ["Dwell Time", "Attempt #1", "Attempt #2", "Attempt #3"]
    assert [p["id"] for p in parts[1:]] == [f["parent_id"] for f in functions]
    assert all(part["end_time"] > service["end_time"] for part in parts)


def test_xray_sdk_datagrams_reach_the_store_and_others_are_dropped(rig: Rig) -> None:
    rig.deploy("f", "import os\ndef main(e, c): return os.environ['AWS_XRAY_DAEMON_ADDRESS']")
    host, port = rig.invoke("f")["Payload"].split(":")
    segment = {"name": "own", "id": "a" * 16, "trace_id": ROOT, "start_time": 1.0, "end_time": 2.0}

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        for datagram in (
            b"T1S" + os.urandom(8),
            b'{"format": "json", "version": 1}\n{"broken"',
            b'{"format": "json", "version": 1}\n{"name": "without an id"}',
            b'{"format": "json", "version": 1}\n' + json.dumps(segment).encode(),
        ):
            daemon.sendto(datagram, (host, int(port)))

    rig.until(lambda: rig.aws.xray.trace_ids() == [ROOT])
    assert rig.aws.xray.segments(ROOT) == [segment]
