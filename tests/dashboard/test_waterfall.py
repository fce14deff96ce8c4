"""What the browser is given, and what a click gives back."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from chainlight_dashboard import waterfall as component
from chainlight_dashboard.picture import KINDS, TEXT_CHARS_MAX, printable
from chainlight_dashboard.waterfall import ChainView, chain_view, click_on

sys.path.insert(0, str(Path(__file__).parent))

import waterfall_chains as chains

FRONTEND = Path(component.__file__).parent / "frontend"


def _view(*, selected: int | None = None, is_folded: bool = True) -> ChainView:
    return chain_view(*chains.order(), chain_id="c1", selected=selected, is_folded=is_folded)


def test_rows_are_milliseconds_since_the_start_and_positions_of_callers() -> None:
    """The whole table at once."""
    rows = _view().rows.to_pandas()
    assert rows["parent"].tolist() == [-1, 0, 0]
    assert rows["start"].tolist() == [0, 110, 950]
    assert rows["end"].tolist() == [1000, 800, 61_500]
    assert rows["idle"].tolist() == [700, 0, 0]
    assert rows["idle_share"].tolist() == [0.7, 0, 0]
    assert rows["cold"].tolist() == [0, 1, 0]
    assert rows["problem"].tolist() == [0, 0, 1]
    assert rows["critical"].tolist() == [1, 0, 0]
    assert rows["attempts"].tolist() == [1, 1, 2]
    assert rows["row"].tolist() == [0, 1, 2]


def test_unknown_is_nan_and_never_zero() -> None:
    """No cost, no moment of sending: nothing is made up."""
    rows = _view().rows.to_pandas()
    assert np.isnan(rows["sent"][0])
    assert np.isnan(rows["cost"][0])
    assert rows["cost"][1] == 2e-6


def test_the_payload_has_the_types_the_browser_reads() -> None:
    """Strings are dictionaries, positions 32 bits, times doubles."""
    view = _view()
    types = {field.name: field.type for field in view.rows.schema}
    assert [types[name] for name in ("name", "edge", "status", "note")] == [
        pa.dictionary(pa.int32(), pa.string())
    ] * 4
    assert types["parent"] == types["depth"] == types["many"] == pa.int32()
    assert types["start"] == types["ident"] == types["cost"] == pa.float64()
    assert view.segments.schema.field("kind").type == pa.int8()


def test_a_dead_letter_is_the_status_of_its_row() -> None:
    """The timeline says 'error', the segments know more."""
    assert _view().rows["status"].to_pylist() == ["ok", "ok", "dlq"]


def test_quiet_time_is_folded_unless_asked_otherwise() -> None:
    """The minute between the two attempts."""
    assert (1_500.0, 61_000.0) in set(zip(_view().fold.real, _view().fold.real[1:], strict=False))
    assert _view().fold.disp[-1] < 5_000
    assert _view(is_folded=False).fold.disp == (0.0, 61_600.0)


def test_the_version_follows_what_is_painted() -> None:
    """Another fold or number is another version; another selection is not."""
    rows, segments = chains.order()
    changed = rows.assign(attempts_count=7)
    assert _view().version == _view(selected=2).version
    assert _view().version != _view(is_folded=False).version
    assert _view().version != chain_view(changed, segments, chain_id="c1").version


def test_an_attempt_without_an_end_reaches_to_the_end_of_the_chain() -> None:
    """Still running: painted up to the last moment known."""
    rows, segments = chains.frames(
        [{"start": 0, "end": 500}, {"parent": 0, "start": 100, "end": None, "status": "running"}],
        [(0, "run", 0, 500, 1), (1, "run", 100, None, 1)],
    )
    view = chain_view(rows, segments, chain_id="c1")
    assert view.segments["t1"].to_pylist() == [500, 500]
    assert np.isnan(view.rows["end"].to_numpy()[1])


def test_five_identical_siblings_become_one_row_with_its_members_below() -> None:
    """The roll-up sums, spans and counts; its members keep their numbers."""
    members = [
        {"parent": 0, "name": "notify", "edge": "sns", "start": n, "end": n + 5, "cost": 1e-6,
         "status": "error" if n == 3 else "ok"}
        for n in range(6)
    ]  # fmt: skip
    pieces = [(n + 1, "error" if n == 3 else "run", n, n + 5, 1) for n in range(6)]
    rows, segments = chains.frames(
        [{"end": 20}, *members, {"parent": 0}], [(0, "run", 0, 20, 1), *pieces]
    )
    view = chain_view(rows, segments, chain_id="c1", selected=4)
    table = view.rows.to_pandas()
    assert table["row"].tolist() == [0, -1, 1, 2, 3, 4, 5, 6, 7]
    assert table["parent"].tolist() == [-1, 0, 1, 1, 1, 1, 1, 1, 0]
    assert table["depth"].tolist() == [0, 1, 2, 2, 2, 2, 2, 2, 1]
    assert table.loc[1, ["many", "start", "end", "problem", "attempts"]].tolist() == [
        6,
        0,
        10,
        1,
        6,
    ]
    assert table["status"][1] == "error"
    assert table["cost"][1] == pytest.approx(6e-6)
    ticks = view.segments.to_pandas().query("row == 1")
    assert ticks["kind"].tolist() == [KINDS.index("error" if n == 3 else "many") for n in range(6)]
    assert table["ident"].is_unique
    assert component.payload(view, "auto")["selected"] == table["ident"][5]


def test_idents_stay_when_rows_are_inserted_before_them() -> None:
    """A late callee moves every number, and nothing a reader did is lost."""
    rows, segments = chains.order()
    before = chain_view(rows, segments, chain_id="c1")
    keep = [0, 2]
    later = rows.iloc[keep].assign(row=[0, 1], parent_row=[None, 0])
    after = chain_view(later, segments[segments["row"] == 0], chain_id="c1")
    assert after.rows["ident"].to_pylist() == [before.rows["ident"].to_pylist()[n] for n in keep]


def test_words_of_the_views_become_words_of_the_picture() -> None:
    """A crash is a failure, an unknown end stays unknown."""
    statuses = ["crash", "throttled", "unknown", None, "missing"]
    rows, segments = chains.frames([{"status": status} for status in statuses], [])
    found = chain_view(rows, segments, chain_id="c1").rows["status"].to_pylist()
    assert found == ["error", "throttle", "unknown", "unknown", "missing"]


@pytest.mark.parametrize(("column", "table"), [("status", "timeline"), ("kind", "segments")])
def test_a_word_the_contract_does_not_know_is_refused_by_name(column: str, table: str) -> None:
    """Loud, and naming what was read."""
    rows, segments = chains.order()
    frames = {"timeline": rows, "segments": segments}
    frames[table] = frames[table].assign(**{column: "exploded"})
    with pytest.raises(ValueError, match="exploded"):
        chain_view(frames["timeline"], frames["segments"], chain_id="c1")


def test_a_chain_without_rows_is_an_empty_picture() -> None:
    """No row, no segment, an axis of one millisecond."""
    rows, segments = (frame.iloc[:0] for frame in chains.order())
    view = chain_view(rows, segments, chain_id="c1")
    assert view.rows.num_rows == view.segments.num_rows == 0
    assert view.fold.real == (0.0, 1.0)


def test_names_from_strangers_become_text_that_hides_nothing() -> None:
    """Control characters and direction marks are escapes, long names end in an ellipsis."""
    assert printable("\x1b[31mred\x07") == "\\x1b[31mred\\x07"
    assert printable("abc\u202egnp.exe") == "abc\\u202egnp.exe"
    assert printable("<b>naïve 注文</b>") == "<b>naïve 注文</b>"
    long = printable("x" * 10_000)
    assert len(long) == TEXT_CHARS_MAX
    assert long.endswith("…")


def test_the_browser_knows_every_kind_python_sends() -> None:
    """The marks' table in JavaScript names each of the contract's kinds."""
    source = (FRONTEND / "marks.js").read_text(encoding="utf-8")
    layers = source[source.index("const LAYER") : source.index("};")]
    assert [kind for kind in KINDS if f"{kind}:" not in layers] == []


def test_the_scripts_put_text_in_as_text_only() -> None:
    """No markup from strings, no search outside the component, no emoji for an icon."""
    for path in FRONTEND.glob("*.js"):
        source = path.read_text(encoding="utf-8")
        for refused in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.querySelector"):
            assert refused not in source, f"{path.name} uses {refused}"


def _page() -> None:
    import streamlit as st  # noqa: PLC0415
    import waterfall_chains  # noqa: PLC0415

    from chainlight_dashboard.waterfall import chain_view, waterfall  # noqa: PLC0415

    rows, segments = waterfall_chains.order()
    given = st.session_state.get("given")
    chain = chain_view(rows, segments, chain_id=st.session_state.get("chain", "c1"), selected=given)
    st.session_state["shown"] = waterfall(chain, height="auto", key="wf")


def _click(row: int, chain_id: str = "c1", at: int = 1) -> dict[str, object]:
    view = chain_view(*chains.order(), chain_id=chain_id)
    return {"selected": {**click_on(view, row), "at": at}}


def test_the_page_carries_the_payload() -> None:
    """One component; two Arrow tables and the axis."""
    app = AppTest.from_function(_page).run(timeout=30)
    assert not app.exception
    proto = app.get("bidi_component")[0].proto
    sent = json.loads(proto.mixed.json)
    assert sent["chain"] == "c1"
    assert sent["kinds"] == list(KINDS)
    assert sent["height"] == "auto"
    assert len(sent["real"]) == len(sent["disp"])
    blob = proto.mixed.arrow_blobs[sent["rows"]["__streamlit_arrow_ref__"]].data
    names = pa.ipc.open_stream(blob).read_all()["name"].to_pylist()
    assert names == ["place-order", "charge-card", "emit-receipt"]
    assert (proto.js_source_path, proto.css_source_path) == ("main.js", "waterfall.css")


def test_between_reader_and_page_the_latest_choice_counts() -> None:
    """Given by the page, clicked by the reader, given anew, clicked again."""
    app = AppTest.from_function(_page)
    app.session_state["given"] = 0
    assert app.run(timeout=30).session_state["shown"] == 0
    app.session_state["wf"] = _click(2)
    assert app.run().session_state["shown"] == 2
    assert app.run().session_state["shown"] == 2
    app.session_state["given"] = 1
    assert app.run().session_state["shown"] == 1
    app.session_state["wf"] = _click(2, at=2)
    assert app.run().session_state["shown"] == 2


def test_a_click_on_another_chain_does_not_count() -> None:
    """The component's state outlives the page's chain."""
    app = AppTest.from_function(_page)
    app.session_state["wf"] = _click(2)
    assert app.run(timeout=30).session_state["shown"] == 2
    app.session_state["chain"] = "c2"
    assert app.run().session_state["shown"] is None


def test_the_component_is_found_in_its_installed_package() -> None:
    """Discovery names it after the project, and its assets lie beside the package."""
    from streamlit.components.v2.component_manager import BidiComponentManager  # noqa: PLC0415

    manager = BidiComponentManager()
    manager.discover_and_register_components(start_file_watching=False)
    root = manager.get_component_path("chainlight-dashboard.waterfall")
    assert Path(root or "").resolve() == FRONTEND.resolve()
