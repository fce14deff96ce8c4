"""Dead letters: ages, commands, functions without a queue."""

from __future__ import annotations

import pandas as pd

from chainlight_dashboard.views import deadletters

ARN = "arn:aws:sqs:eu-west-1:123456789012:orders-dlq"


def test_an_sqs_redrive_queue_moves_its_own_messages() -> None:
    command = deadletters.redrive_command(ARN, "sqs_redrive", None)
    assert command == (f"aws sqs start-message-move-task --region 'eu-west-1' --source-arn '{ARN}'")


def test_a_function_dlq_is_invoked_again_because_aws_cannot_move_it() -> None:
    command = deadletters.redrive_command(ARN, "lambda_dlq", "emit")
    assert "start-message-move-task" not in command
    assert "aws lambda invoke --region 'eu-west-1' --function-name 'emit'" in command


def test_a_destination_record_is_unwrapped_first() -> None:
    assert ".requestPayload" in deadletters.redrive_command(ARN, "destination", "emit")


def test_a_stream_message_holds_no_records() -> None:
    assert deadletters.redrive_command(ARN, "stream", "f").startswith("# A stream's message")


def test_a_hostile_name_stays_one_word_of_the_shell() -> None:
    command = deadletters.redrive_command(f"{ARN}'; rm -rf /; '", "sqs_redrive", None)
    assert """orders-dlq'"'"'; rm -rf /; '"'"''""" in command


def test_what_is_no_arn_becomes_a_comment() -> None:
    assert deadletters.redrive_command("nonsense\nrm", "lambda_dlq", None).startswith(
        "# nonsense rm"
    )


def test_a_configuration_never_read_is_unknown_and_not_none() -> None:
    functions = pd.DataFrame(
        {
            "function_name": ["a", "b"], "is_config_known": [True, False],
            "invocations_count": [1, 2], "failed_count": [0, None], "owner": [None, "team"],
        }
    )  # fmt: skip
    table = deadletters.unprotected_table(functions)
    assert list(table["dlq"]) == ["none", "unknown"]
    assert list(table["owner"]) == ["unknown", "team"]


def test_the_summary_counts_letters_and_queues() -> None:
    totals = pd.Series({"waiting_count": 5, "queues_count": 1, "oldest_us": 0})
    assert (
        deadletters.summary(totals, 7_200_000_000)
        == "5 dead letters in 1 queue, the oldest 2 h old"
    )
    none = pd.Series({"waiting_count": 0, "queues_count": 0, "oldest_us": None})
    assert deadletters.summary(none, 1) == "No dead letters"


def test_a_queue_whose_messages_name_no_function_is_shown() -> None:
    queues = pd.DataFrame(
        {
            "queue_arn": [ARN], "source": ["sqs_redrive"], "waiting_count": [1],
            "oldest_us": [None], "gone_count": [0], "functions": [[]],
        }
    )  # fmt: skip
    table = deadletters.queue_table(queues, 0)
    assert (table["functions"][0], table["oldest"][0]) == ("unknown", "unknown")
