"""Numbers that show how a framework computes."""

from __future__ import annotations

import numpy as np
import pytest

from suite.frameworks import arithmetic


@pytest.mark.parametrize(("bits", "kept"), [(23, True), (12, True), (10, False), (7, False)])
def test_fine_shows_a_format_of_fewer_bits(bits: int, kept: bool) -> None:
    rounded = np.round(arithmetic.fine_matrix() * 2.0**bits) / 2.0**bits
    assert arithmetic.kept(rounded) is kept


def test_the_identity_gives_it_back() -> None:
    assert arithmetic.kept(arithmetic.fine_matrix() @ arithmetic.identity())
    assert arithmetic.kept(arithmetic.fine_images() @ arithmetic.identity())


def test_denormals_are_told_by_thread() -> None:
    values = arithmetic.denormals()
    assert values.dtype == np.float32
    assert 0 < values[0] < np.finfo(np.float32).tiny
    assert arithmetic.flushed(values) is False
    assert arithmetic.flushed(values * 0) is True
    values[:5] = 0
    assert arithmetic.flushed(values) == "in some threads only"
