"""View models of the overview, the list of chains and the panel."""

from __future__ import annotations

import pandas as pd
import pytest

from chainlight_dashboard.views import (
    cards,
    chain_table,
    console,
    detail,
    dots,
    freshness,
    rows_table,
    shapes,
    tiles,
    window,
)

NOW_US = 1_795_291_200_000_000
MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
TOTALS = pd.Series(
    {
        "chains_count": 200, "failed_count": 4, "wall_p95_us": 8_400_000,
        "answered_p95_us": 1_200_000, "paid_idle_usd": 11.0, "observed_days": 1.0,
        "paid_idle_usd_month": 334.0, "paid_idle_share": 0.22,
    }
)  # fmt: skip
BEFORE = pd.Series({"chains_count": 100, "failed_count": 1, "wall_p95_us": None})
DEAD = pd.Series({"waiting_count": 89, "oldest_us": NOW_US - 192 * MINUTE_US})
NONE_DEAD = pd.Series({"waiting_count": 0, "oldest_us": None})
BUCKETS = pd.DataFrame(
    {
        "chains_count": [1, 2], "failed_share": [0.0, 0.5], "wall_p95_us": [None, 3.0],
        "paid_idle_usd": [0.1, 0.2], "dead_letters_count": [0, 1],
    }
)  # fmt: skip
FINDING = {
    "rule": "T7", "verdict": "merge", "caller_function": "a", "callee_function": "b",
    "calls_count": 1, "saving_usd_month": 41.0, "arithmetic": "1 + 1", "counter_evidence": None,
}  # fmt: skip


def test_five_tiles_answer_the_five_questions() -> None:
    shown = tiles.overview_tiles(TOTALS, BEFORE, DEAD, BUCKETS, NOW_US)
    assert [(tile.label, tile.value, tile.note, tile.hue) for tile in shown] == [
        ("Chains", "200", "+100 % against the window before", "off"),
        ("Failed", "2.0 %", "+1.0 points · 4 chains", "orange"),
        ("End to end, p95", "8.4 s", "answers p95 1.20 s", "off"),
        ("Paid idle a month", "$334", "22 % of spend", "blue"),
        ("Dead letters", "89", "oldest 3 h", "orange"),
    ]


def test_orange_is_kept_for_trouble() -> None:
    calm = pd.Series({**TOTALS, "failed_count": 0})
    shown = tiles.overview_tiles(calm, BEFORE, NONE_DEAD, BUCKETS, NOW_US)
    assert [tile.hue for tile in shown] == ["off", "off", "off", "blue", "off"]
    assert (shown[4].value, shown[4].note) == ("0", "all queues empty")


def test_an_unknown_bucket_continues_the_course() -> None:
    assert tiles.overview_tiles(TOTALS, BEFORE, DEAD, BUCKETS, NOW_US)[2].course == [0.0, 3.0]


def test_a_card_says_what_how_much_and_why() -> None:
    card = cards.cards(pd.DataFrame([FINDING]))[0]
    assert (card.title, card.badge, card.hue) == (
        "Merge **b** into **a**",
        r"\$41\.00 \/ month",
        "blue",
    )
    assert (card.reason, card.counter_evidence) == (
        "always awaited, same owner · 1 call",
        "no counter-evidence was found",
    )


def test_a_finding_without_money_is_a_risk() -> None:
    risk = {**FINDING, "verdict": "add_dlq", "saving_usd_month": None}
    assert cards.cards(pd.DataFrame([risk]))[0].badge == "risk"


def test_many_risks_alike_share_one_card() -> None:
    risk = {**FINDING, "verdict": "add_dlq", "saving_usd_month": None, "arithmetic": "0 lost"}
    three = [{**risk, "callee_function": name} for name in ("b", "c_d", "e")]
    (card,) = cards.cards(pd.DataFrame(three))
    assert (card.title, card.badge) == ("Give **3 functions** a dead-letter queue", "risk")
    assert card.reason == r"events are lost after the last retry · b, c\_d, e"
    assert card.arithmetic == "b: 0 lost\nc_d: 0 lost\ne: 0 lost"


def test_edges_to_leave_alone_are_counted_not_carded() -> None:
    fine = pd.DataFrame([{**FINDING, "verdict": "leave_alone"}] * 2)
    assert cards.cards(fine) == []
    assert cards.left_alone(fine) == "2 edges: leave alone"


@pytest.mark.parametrize(
    ("whole", "short", "head"),
    [
        (["shop-a → shop-b ⇢ shop-c"], ["a → b ⇢ c"], "Shape (shop-…)"),
        (["shop-a → bill-b"], ["shop-a → bill-b"], "Shape"),
        (["shop-a"], ["shop-a"], "Shape"),
        ([], [], "Shape"),
    ],
)
def test_a_stem_that_all_functions_share_stands_in_the_heading(
    whole: list[str], short: list[str], head: str
) -> None:
    assert (shapes.short_shapes(whole)[0], shapes.heading(whole)) == (short, head)


@pytest.mark.parametrize(
    ("values", "form"),
    [
        ([250.0, 3.0], "$%.0f"),
        ([12.0, 0.001], "$%.2f"),
        ([0.04, 0.00022], "$%.5f"),
        ([0.0, 0.0], "$%.0f"),
    ],
)
def test_a_column_of_money_shows_the_digits_its_values_need(values: list[float], form: str) -> None:
    assert shapes.money_format(pd.Series(values)) == form


def test_in_cell_bars_have_a_length_even_without_money() -> None:
    assert [shapes.bar_end(pd.Series(values, dtype=float)) for values in ([], [0.0], [2.0])] == [
        1,
        1,
        2,
    ]


def test_a_click_on_a_dot_names_its_chain() -> None:
    assert dots.picked({"selection": {"dot": [{"chain_id": "1-a"}]}}) == "1-a"
    assert [dots.picked(state) for state in (None, {}, {"selection": {"dot": []}})] == [None] * 3


def test_a_name_of_the_schema_is_text_and_no_markup() -> None:
    columns = pd.DataFrame({"relation": ["<v>"], "column_name": ["<b>&"], "data_type": ["VARCHAR"]})
    assert "<summary>&lt;v&gt;</summary><pre>&lt;b&gt;&amp;" in console.schema_outline(columns)


def test_time_ranges_start_on_a_whole_step_and_know_what_came_before() -> None:
    for label, step_us in (("1 h", MINUTE_US), ("24 h", 10 * MINUTE_US), ("30 d", HOUR_US)):
        ranged = window.window(label, NOW_US)
        length_us = window.LENGTHS_US[label] or 0
        assert ranged.from_us % step_us == 0
        assert 0 <= NOW_US - length_us - ranged.from_us < step_us
    day = window.window("24 h", NOW_US + 5)
    assert (day.from_us, day.to_us) == (NOW_US - 1_440 * MINUTE_US, window.END_OF_TIME_US)
    assert day.before["to_us"] - day.before["from_us"] == 1_440 * MINUTE_US
    assert window.window("nonsense", NOW_US).label == "24 h"
    assert window.window("all", NOW_US).from_us == 0


FACTS = pd.Series(
    {
        "collected_us": NOW_US - 16 * MINUTE_US, "run_outcome": "ok", "run_detail": None,
        "invocations_count": 200,
        "with_record_share": 0.97, "with_report_share": 1.0, "linked_share": None,
        "sampled_share": 0.0, "rejects_count": 3,
    }
)  # fmt: skip


def test_data_is_stale_after_a_quarter_of_an_hour() -> None:
    claims = freshness.freshness(FACTS, NOW_US)
    assert (claims.age, claims.is_stale, claims.coverage) == (
        "collected 16 min ago",
        True,
        "97 % recorded · 3 rejects",
    )
    assert claims.notices == [
        "No newer data: collected 16 min ago. Look at the collector's schedule and its log."
    ]


def test_imported_rows_have_no_collector_to_be_stale() -> None:
    claims = freshness.freshness(pd.Series({**FACTS, "collected_us": None}), NOW_US)
    assert (claims.age, claims.is_stale) == ("imported, no collector run", False)


def test_nothing_counted_is_unknown_coverage() -> None:
    claims = freshness.freshness(pd.Series({**FACTS, "invocations_count": None}), NOW_US)
    assert claims.coverage == "coverage unknown"


UNREAD = '{"x": {"is_complete": false, "problems": ["no right", "other"]}}'


@pytest.mark.parametrize(
    ("outcome", "detail", "notice"),
    [
        ("failed", None, "The last collector run failed."),
        ("partial", '{"logs": {"is_complete": true}}', "The last collector run was not complete."),
        (
            "partial",
            UNREAD,
            "The last collector run was not complete: x (no right and 1 more).",
        ),
        ("stopped", "no JSON", "The last collector run ended as stopped."),
    ],
)
def test_a_run_that_missed_something_is_named_with_what_it_missed(
    outcome: str, detail: str | None, notice: str
) -> None:
    facts = pd.Series({**FACTS, "run_outcome": outcome, "run_detail": detail})
    assert freshness.freshness(facts, NOW_US).notices[0] == notice


def test_coverage_below_four_fifths_is_named() -> None:
    facts = pd.Series({**FACTS, "collected_us": NOW_US, "with_record_share": 0.5})
    assert freshness.freshness(facts, NOW_US).notices == [
        "Not all is known: 50 % recorded · 3 rejects. What is missing is shown as unknown."
    ]


ROWS = pd.DataFrame(
    {
        "row": [0, 1], "parent_row": [None, 0], "depth": [0, 1], "function_name": ["a", "b"],
        "request_id": ["ra", "rb"], "edge_kind": ["http", "sync"], "sent_us": [0, 5],
        "started_us": [0, 10], "ended_us": [100, None], "attempts_count": [1, 2],
        "status": ["ok", "error"], "cost_usd": [0.1, None], "paid_idle_us": [50, None],
        "error_type": [None, "E"],
    }
)  # fmt: skip


def test_the_first_problem_is_selected_unless_the_link_says_otherwise() -> None:
    wanted = [rows_table.first_row(ROWS, row) for row in (None, "0", "7", "x")]
    assert wanted == [1, 0, 1, 1]


def test_rows_without_an_end_have_an_unknown_length() -> None:
    table = rows_table.rows_table(ROWS)
    assert list(table["start to end"]) == ["100 µs", "unknown"]
    assert list(table["function"]) == ["a", "\u2003b"]


def test_the_panel_shows_the_attempts_of_its_own_row_only() -> None:
    attempts = pd.DataFrame(
        {
            "function_name": ["b", "b", "a"], "request_id": ["rb", "rb", "ra"],
            "attempt_number": [1, 2, 1], "started_us": [1e6, 2e6, 3e6],
            "duration_us": [1_000, None, 5], "max_memory_used_mb": [None, 70, 70],
            "memory_mb": [128, 128, 128], "is_cold": [True, False, False],
            "outcome": ["error", "ok", "ok"], "error_type": ["Boom", None, None],
            "paid_idle_us": [0, 0, 0], "cost_usd": [0.5, None, 1.0], "share": [0.5, 0.5, 1.0],
            "region": ["eu-west-1"] * 3, "log_group": ["/aws/lambda/b"] * 3,
            "log_stream": ["2026/11/21/[$LATEST]ab"] * 3,
        }
    )  # fmt: skip
    calls = pd.DataFrame(columns=["caller_function", "caller_request_id", "target", "mode",
                                  "wait_us", "tries_count", "evidence"])  # fmt: skip
    row = pd.concat([ROWS.iloc[1], pd.Series({"paid_idle_usd": 0.1})])
    shown = detail.detail(row, attempts, calls, "1-5759e988-bd862e3fe1be46a994272793")
    assert list(shown.attempts["outcome"]) == ["Boom, cold", "ok"]
    assert list(shown.attempts["cost"]) == ["$0.50", "unknown"]
    assert shown.money == [
        ("cost", "unknown"), ("of it waiting", "$0.10"), ("this chain's share", "50 %"),
        ("failed attempts", "$0.50"),
    ]  # fmt: skip
    assert shown.subtitle == "called and awaited · 2 attempts · error"
    assert [label for label, _ in shown.console] == ["CloudWatch log", "Function", "X-Ray trace"]
    assert "log-group/$252Faws$252Flambda$252Fb/log-events/" in shown.console[0][1]


def test_pills_carry_the_number_of_chains_behind_them() -> None:
    assert chain_table.pill_label("dlq", pd.Series({"dlq_count": 5})) == "DLQ  5"


def test_the_schema_browser_aligns_types() -> None:
    columns = pd.DataFrame(
        {"relation": ["v", "v"], "column_name": ["a", "long"], "data_type": ["BIGINT", "VARCHAR"]}
    )
    assert console.schema_outline(columns) == (
        f'{console.OUTLINE_STYLE}<div class="schema">'
        "<details><summary>v</summary><pre>a     bigint\nlong  varchar</pre></details></div>"
    )
    assert console.capped(10_000, is_cut=True) == "The first 10,000 rows; there are more"
