from __future__ import annotations

from typing import Any

from tests.notes.notecase import asked, said
from tests.rawfactory import changed, raw, reading


def test_no_spare_core() -> None:
    rule = "no-spare-core"
    cores: dict[str, Any] = {"machine__identity__usable_cores": 2}
    openmp = [{"user_api": "blas", "num_threads": 8}, {"user_api": "openmp", "num_threads": 2}]
    assert "pytorch-eager (2 threads)" in said(rule, [raw(thread_pools=openmp, **cores)])
    assert said(rule, [raw(settings__openmp_threads=2, **cores)])
    assert not said(rule, [raw(settings__openmp_threads=1, **cores)])
    assert not said(rule, [raw(settings__openmp_threads=2, machine__identity__usable_cores=3)])
    assert not said(rule, [raw(settings__openmp_threads=2, settings__openmp_wait_policy="passive", **cores)])
    assert not said(rule, [raw("keras", thread_pools=openmp[:1], **cores)])  # no OpenMP
    assert not said(rule, [raw(settings__openmp_threads=2)])  # cores unknown


def test_no_spare_core_says_what_was_read_back_here() -> None:
    spins = raw(settings__openmp_threads=2, machine__identity__usable_cores=2)
    with_load = raw(block=1, settings__openmp_threads=2, machine__after=reading(6.0, busy_cores=9.5 / 6 + 0.3))
    (note,) = asked("no-spare-core", [spins, with_load, raw("keras", settings__openmp="none")])
    assert "Here other programs kept 0.00 cores busy, in the median over the runs." in note.sentence
    assert note.sentence.endswith("As read back, keras-fit had no OpenMP threads.")
    assert "TensorFlow" not in note.sentence
    (alone,) = asked("no-spare-core", [changed(spins, {"machine__after": None})])
    assert alone.sentence.endswith("the others wait for it.")
    assert alone.numbers["median_foreign_cores"] is None


def test_threads_share_cores() -> None:
    rule = "threads-share-cores"

    def smt(physical: int, smt: object = True) -> dict[str, Any]:
        return {"machine__identity__smt": smt, "machine__identity__physical_cores": physical}

    (note,) = asked(rule, [raw(**smt(1))])
    assert note.sentence.startswith("2 threads shared 1 physical core (pytorch-eager)")
    assert "--threads 1" in note.todo
    assert not said(rule, [raw(**smt(2))])
    assert not said(rule, [raw(**smt(1, smt=False))])
    assert not said(rule, [raw()])


def test_uneven_cores() -> None:
    rule = "uneven-cores"
    kinds = "8 performance and 4 efficiency (logical)"
    assert kinds in said(rule, [raw(machine__identity__core_kinds=kinds)])
    for harmless in ("all alike", "unknown because the system does not tell", None):
        assert not said(rule, [raw(machine__identity__core_kinds=harmless)])


def test_quota_below_threads() -> None:
    rule = "quota-below-threads"
    assert "2 threads had a quota of 1.5 cores" in said(rule, [raw(machine__identity__cpu_quota=1.5)])
    assert not said(rule, [raw(machine__identity__cpu_quota=2.0)])
    assert not said(rule, [raw(machine__identity__cpu_quota=None)])
