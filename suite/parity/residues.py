"""Known differences that a framework's own arithmetic cannot be rid of: named, sized and stated, never hidden.

A trainer that declares a residue is held to exactly that difference: the judge compares it with the definition changed
in this one way, to the same tolerance as any other. A residue that is not declared fails the passport.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from suite.layers import BatchNorm
from suite.parity import deviation
from suite.parity.answers import Expected
from suite.parity.program import Program
from suite.parity.questions import Questions
from suite.workload import Workload


@dataclass(frozen=True, kw_only=True)
class Residue:
    """One known difference; ``sentence`` says what it is, with ``{size}`` where its size goes."""

    name: str
    sentence: str


RESIDUES = {
    residue.name: residue
    for residue in (
        Residue(
            name="float32-scalars",
            sentence="Keras optimisers round momentum, and the betas of Adam's bias correction, to float32, even in a "
            "float64 model: in float64 its updates differ from the definition's by up to {size} of themselves; in "
            "float32, in which everything is timed, that is below rounding.",
        ),
        Residue(
            name="adam-epsilon-hat",
            sentence="Adam's epsilon is added before the bias correction here, after it in the definition, and no "
            "choice of the constant makes the two alike: after {steps} steps, updates of gradients from 1e-9 to 1 "
            "differ by up to {size} of themselves, most for the smallest.",
        ),
        Residue(
            name="batch-norm-unbiased-variance",
            sentence="Batch normalisation takes the unbiased variance of a batch into its running variance, the "
            "definition the biased one: over the exam's batches the running variance differs by up to {size} of "
            "itself, which only evaluation sees.",
        ),
    )
}
"""Sources: Keras's and PyTorch's own documentation and source of the optimisers and of batch normalisation; each is
also measured in every passport that states it."""


def applied(program: Program, residues: Iterable[str]) -> Program:
    """Return the program with these residues in it.

    Raises:
        KeyError: a trainer declares a residue that is not known here.
    """
    for name in residues:
        match RESIDUES[name].name:
            case "float32-scalars":
                program = replace(program, rule=replace(program.rule, float32_scalars=True))
            case "adam-epsilon-hat":
                program = replace(program, rule=replace(program.rule, epsilon_hat=True))
            case "batch-norm-unbiased-variance":
                program = replace(program, unbiased_running_variance=True)
            case _:
                raise KeyError(name)
    return program


def size(name: str, task: Workload, asked: Questions) -> float:
    """Return how large a residue is in the exam: of single updates, or of running variances, relative to themselves."""
    strict = Expected(Program.of(task), task, asked)
    changed = Expected(applied(Program.of(task), [name]), task, asked)
    if name == "batch-norm-unbiased-variance":
        running = [f"{layer.name}/variance" for layer in task.layers if isinstance(layer, BatchNorm)]
        wanted, found = strict.several[0], changed.several[0]
        return max((float(np.max(np.abs(found[n] / wanted[n] - 1))) for n in running), default=0.0)
    before = {n: np.asarray(array, np.float64) for n, array in asked.update_weights.items()}
    return deviation.of_each_move(changed.update[0], strict.update[0], before, "float64")
