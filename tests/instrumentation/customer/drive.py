"""Run one customer module's handler as Lambda would: drive.py MODULE RESULT_FILE.

With CHAINLIGHT_HANDLER in the environment the layer's own handler stands before it, else nothing of
the layer is imported. Events are the module's EVENTS; one that is callable is made at its turn,
from the stub's list of what was sent.
"""

import importlib
import json
import os
import sys
import types
import urllib.request


def context(request_id, limit_ms=30_000):
    return types.SimpleNamespace(
        aws_request_id=request_id,
        function_name="toy",
        function_version="$LATEST",
        invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:toy",
        memory_limit_in_mb=512,
        log_group_name="/aws/lambda/toy",
        log_stream_name="stream",
        client_context=None,
        identity=None,
        get_remaining_time_in_millis=lambda: limit_ms,
    )


def sent():
    """Return the (request id, body) pairs that the stub got as Event invocations."""
    with urllib.request.urlopen(os.environ["STUB_URL"] + "/sent-events") as answer:
        return json.load(answer)


def main(name, result_file):
    if "CHAINLIGHT_HANDLER" in os.environ:
        handler = importlib.import_module("chainlight.wrapper").handler
    else:
        handler = importlib.import_module(name).handler
    module = sys.modules[name]
    results = []
    for number, planned in enumerate(module.EVENTS):
        request_id, event = planned(sent()) if callable(planned) else (f"toy-{number}", planned)
        root = f"1-65f0c0de-{number:024x}"
        os.environ["_X_AMZN_TRACE_ID"] = f"Root={root};Parent=53995c3f42cd8ad8;Sampled=1"
        before = json.dumps(event)
        try:
            results.append(handler(event, context(request_id)))
        except Exception as error:
            results.append({"raised": repr(error)})
        if json.dumps(event) != before:
            results.append({"event_changed_to": event})
    with open(result_file, "w", encoding="utf-8") as file:
        json.dump(results, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
