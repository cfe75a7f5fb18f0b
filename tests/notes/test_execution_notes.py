from __future__ import annotations

from typing import Any

import pytest

from tests.notes.notecase import asked, said
from tests.rawfactory import blocks, raw


@pytest.mark.parametrize(
    ("changes", "fell_back"),
    [
        ({"mode": "compile", "settings__compiled": False}, True),
        ({"mode": "compile", "settings__compiled": True, "settings__compile_graphs": 0}, True),
        ({"mode": "compile", "settings__compiled": True, "settings__compile_graphs": 1}, False),
        ({"mode": "compile"}, False),  # not recorded
        ({"mode": "fit-xla", "settings__xla": False}, True),
        ({"mode": "fit-xla", "settings__xla": True}, False),
        ({"mode": "eager", "settings__compiled": False}, False),
        ({"mode": "eager", "requested__compiled": True, "settings__compiled": False}, True),
        ({"mode": "eager", "settings__compiled": False, "settings__compile_graphs": 0}, False),
    ],
)
def test_compile_fell_back(changes: dict[str, Any], fell_back: bool) -> None:
    sentence = said("compile-fell-back", [raw(**changes)])
    assert bool(sentence) is fell_back
    assert not sentence or f"pytorch-{changes['mode']} ran uncompiled" in sentence


def test_compile_breaks() -> None:
    rule = "compile-breaks"
    breaks = [raw(block=b, mode="compile", settings__compile_graph_breaks=n) for b, n in enumerate((1, 3, 0))]
    assert "pytorch-compile (3)" in said(rule, breaks)
    assert not said(rule, [raw(mode="compile", settings__compile_graph_breaks=0), raw()])


def test_compiled_on_one_side() -> None:
    rule = "compiled-on-one-side"
    plain = [raw(settings__compiled=False), raw("tensorflow", settings__xla=False)]
    torch = raw(mode="compile", settings__compiled=True)
    (note,) = asked(rule, [*plain, torch])
    assert note.sentence.startswith("Compiled against uncompiled (cifar10-cnn3x3 b32 (matched)): pytorch-compile comp")
    assert "of tensorflow no compiled mode ran" in note.sentence
    assert not said(rule, plain)
    assert not said(rule, [*plain, torch, raw("tensorflow", mode="xla", settings__xla=True)])
    assert not said(rule, [*plain, raw(mode="compile", batch=4, settings__compiled=True)])  # not compared
    assert not said(rule, [torch, raw("tensorflow")])  # not recorded


def test_unlike_execution() -> None:
    rule = "unlike-execution"
    assert "(cifar10-cnn3x3 b32 (matched): pytorch-eager eager, keras-fit a graph)" in said(
        rule, [raw(settings__compiled=False), raw("keras", settings__graph=True)]
    )
    assert not said(rule, [raw(settings__compiled=True), raw("keras", settings__graph=True)])
    assert not said(rule, blocks(1))


def test_several_steps_per_call() -> None:
    rule = "several-steps-per-call"
    assert "keras-fit (10)" in said(rule, [raw("keras", settings__steps_per_execution=10)])
    assert not said(rule, [raw("keras", settings__steps_per_execution=1), raw()])


def test_compile_cache_mixed() -> None:
    rule = "compile-cache-mixed"
    cold, warm = (raw(block=b, mode="compile", settings__compile_cache=c) for b, c in enumerate(("cold", "warm")))
    (note,) = asked(rule, [cold, warm, raw(block=2, mode="compile", settings__compile_cache="warm")])
    assert note.numbers == {"runs": {"linux-cpu/matched/cifar10-cnn3x3/pytorch-compile/b32": {"cold": 1, "warm": 2}}}
    assert not said(rule, [cold, raw(mode="compile", batch=4, settings__compile_cache="warm"), raw()])
