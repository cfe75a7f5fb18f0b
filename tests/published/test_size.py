"""Size and shape of programs, read from their source."""

from __future__ import annotations

import pytest

from suite.published import size
from suite.published.programs import Program, programs
from suite.published.programs.comp5511_keras import Comp5511Keras

SOURCE = '''"""A program."""

import numpy as np
import torch.nn.functional as F
import torch
from torch import nn, optim as ways


class Net(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.conv(np.abs(x)))


def learner(net):
    layer = nn.Linear(
        3,
        4,
    )
    return ways.SGD(net.parameters()), nn.Linear(1, 2), torch
'''


def test_names_are_resolved_through_aliases_and_types_do_not_count() -> None:
    found = size.measured(SOURCE, ("torch",))
    assert found.names == ("torch", "torch.nn.Linear", "torch.nn.Module", "torch.nn.functional.relu", "torch.optim.SGD")
    assert found.calls == 4  # relu, SGD and two Linear: not np.abs, not the methods of objects


def test_a_statement_over_several_lines_is_one_logical_line() -> None:
    found = size.measured(SOURCE, ("torch",))
    joined = size.measured(SOURCE.replace("(\n        3,\n        4,\n    )", "(3, 4)"), ("torch",))
    assert found.logical == joined.logical
    assert found.source == joined.source + 3


def test_a_program_without_an_exhibit_has_no_source() -> None:
    class Alone(Comp5511Keras):
        """Its module is these tests, beside which no program.py lies."""

    assert size.exhibit(Alone()) == ""


@pytest.mark.parametrize("program", programs().values(), ids=lambda each: each.name)
def test_every_program_is_measured(program: Program) -> None:
    source = size.exhibit(program)
    found = size.measured(source, size.ROOTS[program.framework])
    assert found.calls >= len(found.names) / 2 > 2
    assert 10 < found.logical < len(source.splitlines())
    assert all(name.split(".")[0] in size.ROOTS[program.framework] for name in found.names)
