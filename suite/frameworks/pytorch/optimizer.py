"""The workload's optimiser from ``torch.optim``, and its state to and from canonical names.

Both of PyTorch's formulas are the workload's own: v = momentum v + g, and Adam with epsilon added after the correction.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, assert_never

from suite.workload import Adam, Optimizer, Sgd

ADAM_SLOTS = {"first_moment": "exp_avg", "second_moment": "exp_avg_sq"}


def optimizer(constants: Optimizer, parameters: Iterable[Any], *, fused: bool | None = None) -> Any:
    """Return a new optimiser over ``parameters``; ``fused`` None leaves PyTorch its choice of implementation."""
    import torch

    match constants:
        case Sgd():
            return torch.optim.SGD(
                parameters,
                lr=constants.learning_rate,
                momentum=constants.momentum,
                dampening=0,
                weight_decay=0,
                nesterov=False,
                fused=fused,
            )
        case Adam():
            return torch.optim.Adam(
                parameters,
                lr=constants.learning_rate,
                betas=(constants.beta1, constants.beta2),
                eps=constants.epsilon,
                weight_decay=0,
                amsgrad=False,
                fused=fused,
            )
        case _:
            assert_never(constants)


def slots(constants: Optimizer) -> dict[str, str]:
    """Return PyTorch's name of each canonical slot that a parameter has."""
    match constants:
        case Sgd():
            return {"velocity": "momentum_buffer"} if constants.momentum else {}
        case Adam():
            return ADAM_SLOTS
        case _:
            assert_never(constants)


def fill(live: Any, parameter: Any, values: dict[str, Any], step: int | None) -> None:
    """Give the live optimiser a parameter's slots, ``values`` by PyTorch's names, in the parameter's memory order."""
    import torch

    filled = {name: torch.empty_like(parameter).copy_(value).detach() for name, value in values.items()}
    if step is not None:  # as torch.optim.Adam keeps it: with the parameter if it is fused, else on the processor
        fused = live.param_groups[0].get("fused")
        filled["step"] = torch.tensor(float(step), device=parameter.device if fused else "cpu")
    live.state[parameter] = filled


def steps_made(live: Any) -> int:
    """Return the number of updates that a live Adam has made."""
    states = list(live.state.values())
    return int(states[0]["step"].item()) if states else 0
