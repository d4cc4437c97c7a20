"""The benchmark's two descriptions are of one system: SPIN and both searches agree to the unit."""

from __future__ import annotations

from pathlib import Path

import pytest
from switchover.checks import bench
from switchover.checks.bench import link_timing as module
from switchover.checks.bench.link_timing import Size, link_timing
from switchover.checks.bench.spin import SpinError, missing_tools, spin_verifier
from switchover.checks.explicit import explore
from switchover.models.language import Answer

needs_spin = pytest.mark.skipif(bool(missing_tools()), reason=missing_tools() or "SPIN is there")
TEXT = Path(module.__file__).with_suffix(".pml")


@needs_spin
@pytest.mark.parametrize(("channels", "migrations"), [(1, 1), (1, 3), (2, 2), (3, 1), (3, 2), (4, 1)])
def test_same_states_and_transitions_under_spin(channels: int, migrations: int) -> None:
    plain = explore(link_timing(Size(channels, migrations)), method="plain")
    kernel = explore(link_timing(Size(channels, migrations)), method="kernel")
    with spin_verifier(TEXT, {"K": channels, "R": migrations}) as verify:
        spin = verify(plain.states)
    assert (spin.states, spin.transitions) == (plain.states, plain.transitions)
    assert (kernel.states, kernel.transitions) == (plain.states, plain.transitions)


def test_the_system_is_sound() -> None:
    exploration = explore(link_timing(Size(2, 1)))
    assert {each.answer for each in exploration.verdicts} == {Answer.HOLDS}
    assert explore(link_timing(Size(1, 3))).bounds_hit == ("queue",)


@needs_spin
def test_a_row_compares_and_says_so() -> None:
    (row,) = bench.run(["link_timing.small"], repeat=1)
    assert row.states == 18469
    assert row.speed_ratio is not None
    assert row.speed_ratio == pytest.approx(row.rate / row.peer_rate)
    assert "the same states and transitions" in str(row)
    assert row.to_json()["name"] == "link_timing.small"


def test_without_spin_the_reason_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    (row,) = bench.run(["link_timing.small"], repeat=1)
    assert row.peer_rate is None
    assert "spin and gcc not found" in str(row)


def test_an_unknown_name_is_one_line() -> None:
    with pytest.raises(bench.BenchError, match=r"no benchmark 'warp'; there are link_timing, "):
        bench.run(["warp"])


@needs_spin
def test_a_failing_tool_is_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pml"
    broken.write_text("active proctype p() { nonsense }\n", encoding="ascii")
    with pytest.raises(SpinError, match="spin failed: "), spin_verifier(broken, {}) as verify:
        verify(10)
