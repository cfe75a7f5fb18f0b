from __future__ import annotations

from typing import Any

from suite.records import Record
from tests.notes.notecase import asked, said
from tests.rawfactory import raw


def test_stalls_within_runs() -> None:
    rule = "stalls-within-runs"
    assert "(1.26 times)" in said(rule, [raw(step=0.01, steps__mean_s=0.0126)])
    assert not said(rule, [raw(step=0.01, steps__mean_s=0.0124)])
    assert said(rule, [raw(step=0.01, epochs=1, steps__median_s=0.0079)])
    assert not said(rule, [raw(step=0.01, epochs=1, steps__median_s=0.0081)])
    assert not said(rule, [raw(phases__steady=99.0)])  # sampled steps: what else that phase holds is not known


def training(starts: list[float] | None, elsewhere: float = 0.0, **changes: Any) -> Record:
    """Return a training of 2 epochs, 200 steps of 0.01 s, but for those that begin an epoch and what sits elsewhere."""
    slow = sum(starts or []) - 0.01 * len(starts or [])
    told = {} if starts is None else {"steps__epoch_starts_s": starts}
    mean = (200 * 0.01 + slow + elsewhere) / 200
    counted: dict[str, Any] = {"steps__count": 200, "steps__mean_s": mean, **told}
    return raw("keras", epochs=2, step=0.01, **counted, **changes)


def test_stalls_where_an_epoch_begins_are_no_stalls_of_the_machine() -> None:
    assert not said("stalls-within-runs", [training([1.6, 1.1])])
    assert "keras-fit/b32-e2 (1.26 times)" in said("stalls-within-runs", [training([1.6, 1.1], elsewhere=0.52)])
    assert not said("stalls-within-runs", [training([1.6, 1.1], elsewhere=0.48)])
    assert "not known" not in said("stalls-within-runs", [training([], elsewhere=0.6)])


def test_where_stalls_sit_is_not_guessed() -> None:
    (note,) = asked("stalls-within-runs", [training(None, elsewhere=1.0)])
    cell = "linux-cpu/matched/cifar10-cnn3x3/keras-fit/b32-e2"
    assert f"Whether that was where an epoch begins is not known of {cell}." in note.sentence
    assert note.numbers["place_unknown"] == [cell]
    assert not said("slow-epoch-starts", [training(None, elsewhere=1.0)])


def test_slow_epoch_starts() -> None:
    rule = "slow-epoch-starts"
    (note,) = asked(rule, [training([0.0632, 0.0632])])  # 0.1064 s more than two steps, of 2.1064 s
    cell = "linux-cpu/matched/cifar10-cnn3x3/keras-fit/b32-e2"
    assert f"{cell} (0.063 s, 5%)" in note.sentence
    assert note.numbers["first_steps_s"] == {cell: [0.0632, 0.0632]}
    assert "in every epoch of linux-cpu" in note.sentence
    assert "no stall of the machine" in note.sentence
    assert note.numbers["in_every_epoch"] == [cell]
    assert not said(rule, [training([0.0622, 0.0622])])
    assert "(1.1 to 1.6 s, 57%)" in said(rule, [training([1.6, 1.1])])
    for starts in ([1.6], [1.6, 0.049]):  # one epoch as published whose first step counts; slow in one of two
        (rare,) = asked(rule, [training(starts, lane="as-published")])
        assert "in one epoch of linux-cpu/as-published" in rare.sentence
        assert "no stall" not in rare.sentence
        assert rare.numbers["in_every_epoch"] == []
    assert "in every epoch of" in said(rule, [training([1.6, 0.051])])
    assert not said(rule, [training([])])  # one epoch as published: its first step does not count
    assert not said(rule, [raw()])
