"""Why something failed, in one sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.recipes.causes import cause, of_this_machine

CRASH = 'Fatal Python error: Segmentation fault\n\nCurrent thread:\n  File "/x/triton/knobs.py", line 15'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("RuntimeError: operator torchvision::nms does not exist", "torchvision and torch are of unlike builds"),
        ("TypeError: Descriptors cannot not be created directly.\nmore", "protobuf is too new for this TensorFlow"),
        (
            "ModuleNotFoundError: No module named 'tensorflow'",
            "the module tensorflow, which it needs, is not installed",
        ),
        ("ERROR: Failed building wheel for numpy", "numpy has no wheel here and could not be built from source"),
        ("ERROR: No matching distribution found for torch==9", "there is no release torch==9 for this platform"),
        ("ERROR: ResolutionImpossible: for help visit", "the packages ask for versions that exclude each other"),
        (
            "Because tf-cpu==2.21.0 has no wheels with a matching platform tag and unsatisfiable",
            "tf-cpu has no wheels for",
        ),
        ("RuntimeError: Numpy is not available", "NumPy is too new: the framework was compiled for NumPy 1"),
        (CRASH, "PyTorch's compiler Triton crashes (segmentation fault)"),
        ("Fatal Python error: Segmentation fault", "it crashes (segmentation fault)"),
        ("a\nsome.odd.FooError: out of luck.\n(exit code 1)", "some.odd.FooError: out of luck"),
        ("just words\nlast words\n", "last words"),
        ("", "it ended without a word"),
    ],
)
def test_causes(text: str, sentence: str) -> None:
    assert cause(text).startswith(sentence)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("NewConnectionError: Failed to establish a new connection", "a package index could not be reached"),
        ("MemoryError", "there was too little memory"),
        ("(exit code -9)", "the system killed it"),
        ("RuntimeError: operator torchvision::nms does not exist", ""),
    ],
)
def test_what_is_the_machines_fault(text: str, sentence: str) -> None:
    assert of_this_machine(text).startswith(sentence)
    assert bool(of_this_machine(text)) == bool(sentence)


@given(st.text())
def test_any_output_has_a_cause_on_one_line(text: str) -> None:
    assert cause(text)
    assert len(cause(text).splitlines()) == 1
