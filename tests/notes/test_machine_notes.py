from __future__ import annotations

import re

import pytest

from suite.fingerprint.volatile import readings
from suite.records import Record
from tests.notes.notecase import asked, said
from tests.rawfactory import blocks, raw, reading


def test_mixed_machines() -> None:
    rule = "mixed-machines"
    assert "2 different machines (abcd and ef01)" in said(rule, [raw(), raw(machine__id="ef01")])
    assert not said(rule, blocks(2))


def test_busy_machine() -> None:
    rule = "busy-machine"  # a run of 6 s with 9 s of CPU time, and 0.5 s around it: 9.5 s are our own
    (note,) = asked(rule, [raw(), raw(machine__after=reading(6.0, busy_cores=(9.5 + 0.72) / 6))])
    assert "During 1 of 2 runs other programs kept more than 0.1 cores busy, up to 0.12" in note.sentence
    assert note.numbers == {"runs": 1, "of": 2, "most_foreign_cores": 0.12}
    assert not said(rule, [raw(machine__after=reading(6.0, busy_cores=(9.5 + 0.59) / 6))])
    assert not said(rule, [raw(machine__after=reading(6.0, busy_cores=1.2))])


@pytest.mark.parametrize(
    ("changes", "busy"),
    [
        ({"psi_cpu_some_avg10": 5.1}, True),
        ({"psi_cpu_some_avg10": 4.9}, False),
        ({"psi_cpu_some_avg10": "unknown because of no file", "load_1m": 1.1}, True),
        ({"psi_cpu_some_avg10": "unknown because of no file", "load_1m": 0.9}, False),
    ],
)
def test_busy_machine_where_cpu_times_are_unknown(changes: dict[str, object], busy: bool) -> None:
    before = reading(0.0) | {"cpu_busy_s": "unknown because of no file"} | changes
    later = reading(0.0) | {"cpu_busy_s": "unknown because of no file", "psi_cpu_some_avg10": 90.0, "load_1m": 9.0}
    raws = [raw(block=1, machine__before=later), raw(block=0, machine__before=before)]  # only the first is asked
    assert bool(said("busy-machine", raws)) is busy


@pytest.mark.parametrize("missing", ["before", "after"])
def test_machines_without_readings_are_not_judged(missing: str) -> None:
    raws = [raw(machine__before=..., machine__after=...), raw(block=1)]
    raws[1]["machine"][missing] = None
    assert not said("busy-machine", raws)
    assert not said("stolen-time", raws)


def test_overloaded_machine() -> None:
    rule = "overloaded-machine"  # 9.5 s of 6 s are our own

    def loaded(foreign: float, cores: int = 2) -> Record:
        busy = foreign + 9.5 / 6
        return raw(machine__after=reading(6.0, busy_cores=busy), machine__identity__logical_cores=cores)

    (note,) = asked(rule, [loaded(0.51), loaded(0.52), loaded(0.0)])
    assert note.numbers == {"foreign_cores": 0.51, "excess_cores": 0.51, "runs": 2, "of": 3}
    assert note.sentence.startswith(
        "In 2 of 3 runs other programs and the frameworks' threads asked for more cores than there are; the median run "
        "had 2 threads on 2 cores, 0.5 of which other programs kept busy. Load slows"
    )
    assert not said(rule, [loaded(0.49)])
    assert not said(rule, [loaded(1.4, cores=3)])  # there was room
    assert not said(rule, [loaded(1.5), loaded(0.0), loaded(0.0)])  # half of the runs were quiet
    assert not said(rule, [raw(machine__after=reading(6.0, busy_cores=2.0))])  # cores not known


def test_an_overload_says_how_the_threads_wait_that_ran_here() -> None:
    def loaded(framework: str, **settings: object) -> Record:
        after = reading(6.0, busy_cores=9.5 / 6 + 1.0)
        changes = {f"settings__{key}": value for key, value in settings.items()}
        return raw(framework, machine__after=after, machine__identity__logical_cores=2, **changes)

    keras, torch = loaded("keras", openmp="none"), loaded("pytorch", openmp_threads=2, openmp_wait_policy="not set")
    slept = loaded("tensorflow", openmp_threads=2, openmp_wait_policy="passive")
    alone = said("overloaded-machine", [keras])
    assert "As read back, keras-fit had no OpenMP threads. Load slows" in alone
    assert not {"PyTorch", "pytorch", "TensorFlow", "tensorflow"} & set(re.split(r"[^A-Za-z]", alone))
    assert (
        "As read back, pytorch-eager had OpenMP threads that wait by spinning, tensorflow-function had OpenMP threads "
        "that sleep while they wait, keras-fit had no OpenMP threads."
    ) in said("overloaded-machine", [keras, torch, slept])


def test_counters_that_began_anew_are_not_judged() -> None:
    assert not said("busy-machine", [raw(machine__before=reading(9.0, busy_cores=2))])


def test_stolen_time() -> None:
    rule = "stolen-time"
    assert "up to 1.2%" in said(rule, [raw(machine__after=reading(6.0, stolen_cores=0.024))])
    assert not said(rule, [raw(machine__after=reading(6.0, stolen_cores=0.019))])


def test_virtual_machine() -> None:
    rule = "virtual-machine"
    assert "(kvm)" in said(rule, [raw(machine__identity__virtual_machine="kvm")])
    assert not said(rule, [raw()])
    assert not said(rule, [raw(machine__identity__virtual_machine="unknown because nobody says")])
    assert not said(rule, [raw(machine__identity=...)])


def test_the_fields_are_those_that_fingerprints_record() -> None:
    known = readings()
    for field in reading(0.0):
        assert field in known
