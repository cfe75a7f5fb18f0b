"""What a network that compares views, and its hinge loss, may compute otherwise."""

from __future__ import annotations

from dataclasses import replace

from suite.layers import L2Normalize, Layer, Similarities
from suite.parity.diagnosis import Case, Suspect
from suite.parity.diagnosis.network import reproduces

EPSILONS = (1e-12, 1e-24, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)
MARGINS = (0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 0.0)


def candidates_exchanged(case: Case) -> str | None:
    """Suppose that the candidates come in the other order."""
    if not any(isinstance(layer, Similarities) for layer in case.program.layers):
        return None
    if not case.same(case.array("forward"), case.expected.forward[:, ::-1]):
        return None
    return "Similarities come in the other order: the last candidate's first."


def not_normalised(case: Case) -> str | None:
    """Suppose that features are compared as they are."""
    for name in (layer.name for layer in case.program.layers if isinstance(layer, L2Normalize)):
        if reproduces(case, case.supposing(layers=tuple(each for each in case.program.layers if each.name != name))):
            return f"Features are not normalised: layer {name} is missing, and similarities are no cosines."
    return None


def guard(case: Case) -> str | None:
    """Suppose another epsilon below the root of a normalisation."""
    for chosen in (layer for layer in case.program.layers if isinstance(layer, L2Normalize)):
        for epsilon in EPSILONS:
            layers: tuple[Layer, ...] = tuple(
                replace(chosen, epsilon=epsilon) if layer is chosen else layer for layer in case.program.layers
            )
            if epsilon != chosen.epsilon and reproduces(case, case.supposing(layers=layers)):
                return (
                    f"Epsilon of layer {chosen.name} is {epsilon:g} instead of {chosen.epsilon:g}: short features are "
                    "divided by another length."
                )
    return None


def another_margin(case: Case) -> str | None:
    """Suppose that the hinge asks for more, or less."""
    wanted = case.program.margin
    for margin in MARGINS if wanted is not None else ():
        if margin != wanted and reproduces(case, case.supposing(margin=margin)):
            return f"The margin of the hinge is {margin:g} instead of {wanted:g}."
    return None


FORWARD: tuple[Suspect, ...] = (candidates_exchanged, guard, not_normalised)
LOSS: tuple[Suspect, ...] = (another_margin,)
