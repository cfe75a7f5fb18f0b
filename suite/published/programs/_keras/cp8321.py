"""What CP8321's programs in Keras and TensorFlow, which are alike but for their loops, can both be switched in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from suite.published.programs import PUBLISHED, Variant
from suite.published.programs._keras.softmax import Softmax


@dataclass(frozen=True, kw_only=True)
class Switches:
    """How the program is run; as published unless said otherwise."""

    softmax: Softmax = "as written"
    standardised: bool = False
    dropout_as_pytorch: bool = False
    """Single values are dropped, once; or whole channels, and single values once more before the last layer."""
    pytorchs_init: bool = False


Kind = TypeVar("Kind", bound=Switches)


def switches(kind: type[Kind]) -> dict[str, Kind]:
    """Return how a program is run in each of the :data:`VARIANTS`."""
    return {
        PUBLISHED: kind(),
        "softmax-once": kind(softmax="once"),
        "softmax-twice": kind(softmax="twice"),
        "inputs-standardised": kind(standardised=True),
        "dropout-as-pytorch": kind(dropout_as_pytorch=True),
        "init-of-pytorch": kind(pytorchs_init=True),
    }


VARIANTS = (
    Variant(
        name=PUBLISHED,
        title="as published",
        sentence="the program as its study describes it: a softmax at the end and a loss told that it gets logits, "
        "inputs in [0, 1], single values dropped once",
    ),
    Variant(
        name="softmax-once",
        title="no softmax in the model",
        sentence="as published, but the model gives logits, as its loss is told",
    ),
    Variant(
        name="softmax-twice",
        title="softmax applied twice",
        sentence="as published, but the loss really applies a softmax to the model's own, which Keras prevents",
    ),
    Variant(
        name="inputs-standardised",
        title="inputs standardised",
        sentence="as published, but images are standardised with mean 0.1307 and deviation 0.3081",
    ),
    Variant(
        name="dropout-as-pytorch",
        title="dropout as in PyTorch",
        sentence="as published, but whole channels are dropped, and single values once more before the last layer",
    ),
    Variant(
        name="init-of-pytorch",
        title="initial weights as in PyTorch",
        sentence="as published, but weights and biases start uniform within 1 / sqrt(fan in), as PyTorch's do",
    ),
)
"""The program itself, and with one thing as in PyTorch's, or with the softmax that its loss undoes."""
