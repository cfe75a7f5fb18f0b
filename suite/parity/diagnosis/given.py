"""What a framework was given, and what it made of it: shapes, initial weights, images."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from suite.layers import Conv2d, Flatten
from suite.parity import deviation, questions
from suite.parity.diagnosis import Case


def biases_missing(case: Case) -> str | None:
    """Suppose that layers were made without biases."""
    wanted = case.expected.asked.weights
    missing = [name for name in wanted if name not in (case.answers.fact("shapes") or {})]
    if not missing or any(not name.endswith("/bias") for name in missing):
        return None
    count = sum(wanted[name].size for name in missing)
    layers = sum(name.endswith("/bias") for name in wanted)
    return f"Biases are missing in {len(missing)} of {layers} layers: {count} parameters."


def same_padding(case: Case) -> str | None:
    """Suppose that convolutions pad their inputs so that images keep their size."""
    measured = {layer["name"]: tuple(layer["output_shape"]) for layer in case.answers.fact("layers") or []}
    convolutions = [
        layer.name for layer in case.program.layers if isinstance(layer, Conv2d) and layer.padding == "valid"
    ]
    for chosen in (convolutions, *([name] for name in convolutions)):
        layers = tuple(
            replace(layer, padding="same") if isinstance(layer, Conv2d) and layer.name in chosen else layer
            for layer in case.program.layers
        )
        try:
            shapes = replace(case.program, layers=layers).shapes()
        except ValueError:
            continue
        if chosen and measured == {shape.layer.name: shape.output_shape for shape in shapes}:
            first = next(shape for shape in case.program.shapes() if shape.layer.name in chosen)
            return (
                f"Padding is 'same' instead of 'valid' in {', '.join(chosen)}: {first.layer.name} gives "
                f"{measured[first.layer.name]} instead of {first.output_shape}."
            )
    return None


def another_shape(case: Case) -> str | None:
    """Name the first layer or array that is not as defined."""
    measured = {layer["name"]: tuple(layer["output_shape"]) for layer in case.answers.fact("layers") or []}
    for shape in case.program.shapes():
        found = measured.get(shape.layer.name)
        if shape.weight_shape and found != shape.output_shape:
            return f"Layer {shape.layer.name} gives {found or 'nothing'} instead of {shape.output_shape}."
    found_shapes = case.answers.fact("shapes") or {}
    for name, array in case.expected.asked.weights.items():
        if found_shapes.get(name) != list(array.shape):
            return f"Parameter {name} has the shape {found_shapes.get(name) or 'of nothing'} instead of {array.shape}."
    more = ", ".join(sorted(found_shapes.keys() - case.expected.asked.weights.keys()))
    return f"There are parameters that the definition does not have: {more}."


def flatten_order_in_weights(case: Case) -> str | None:
    """Suppose that the rows of the dense layer behind a flatten are in another order."""
    found = case.answers.named("weights")
    flattened = None
    for shape in case.program.shapes():
        name = f"{shape.layer.name}/weight"
        if flattened is not None and shape.weight_shape and len(shape.weight_shape) == 2 and name in found:
            wanted = case.expected.asked.weights[name]
            moved = wanted.reshape(*flattened, -1).transpose(2, 0, 1, 3).reshape(wanted.shape)
            if np.array_equal(found[name], moved.astype(found[name].dtype)):
                return (
                    f"The rows of {name} are in channels-first order: the flatten before it runs over channels first."
                )
        flattened = shape.input_shape if isinstance(shape.layer, Flatten) else None if shape.weight_shape else flattened
    return None


def another_initialisation(case: Case) -> str | None:
    """Suppose that the framework's own initial weights are in place, and tell from their spread which ones."""
    found = case.answers.named("weights")
    wanted = case.expected.asked.weights
    if found.keys() != wanted.keys() or any(found[n].shape != wanted[n].shape for n in wanted):
        return None
    unlike = [
        n for n in wanted if n.endswith("/weight") and not np.array_equal(found[n], wanted[n].astype(found[n].dtype))
    ]
    if not unlike:
        return None
    rule = initialisation(found)
    return f"Another initialisation: the weights are not those of the file; they look like {rule}."


def initialisation(weights: Mapping[str, np.ndarray]) -> str:
    """Name the rule by which weights seem to have been drawn, from their largest value and spread, layer by layer."""
    kernels = {n: a for n, a in weights.items() if n.endswith("/weight") and a.ndim > 1 and a.size >= 20}
    fitting = [name for name in _RULES if all(_fits(name, array) for array in kernels.values())]
    biases = [weights[n.replace("/weight", "/bias")] for n in kernels if n.replace("/weight", "/bias") in weights]
    zero = all(not np.any(bias) for bias in biases)
    kind = _RULES[fitting[0]] if fitting else "no rule known here"
    return f"{kind}, with {'zero' if zero else 'non-zero'} biases"


_RULES = {
    "lecun": "uniform within 1 / sqrt(fan in), PyTorch's default",
    "glorot": "Glorot-uniform, Keras's default",
    "he-uniform": "He-uniform",
    "glorot-normal": "Glorot-normal",
    "he-normal": "He-normal",
}


GLOROT = f"{_RULES['glorot']}, with zero biases"
"""What :func:`initialisation` says of weights drawn as the workloads define them."""


def _fits(rule: str, weight: np.ndarray) -> bool:
    """Tell whether largest value and standard deviation are those of a rule, within what chance allows."""
    taps = math.prod(weight.shape[:-2])
    fan_in, fan_out = taps * weight.shape[-2], taps * weight.shape[-1]
    spread = {
        "lecun": 1 / math.sqrt(3 * fan_in),
        "glorot": math.sqrt(2 / (fan_in + fan_out)),
        "he-uniform": math.sqrt(2 / fan_in),
        "glorot-normal": math.sqrt(2 / (fan_in + fan_out)),
        "he-normal": math.sqrt(2 / fan_in),
    }[rule]
    chance = 4 / math.sqrt(2 * weight.size)
    bounded = float(np.abs(weight).max()) <= spread * math.sqrt(3) * 1.0001
    return abs(float(weight.std()) / spread - 1) < chance and bounded != rule.endswith("normal")


def another_dtype(case: Case) -> str | None:
    """Suppose that images arrive in another precision."""
    dtype = case.answers.fact("seen_dtype")
    if dtype == case.answers.dtype:
        return None
    scaled = another_scaling(case)
    also = f" {scaled}" if scaled else ""
    return f"Inputs reach the first layer as {dtype} instead of {case.answers.dtype}.{also}"


def another_scaling(case: Case) -> str | None:
    """Suppose that pixels are scaled otherwise: fit a line through what arrived."""
    seen, wanted = case.array("seen"), case.expected.seen.astype(np.float64)
    if seen.shape != wanted.shape:
        return None
    pixels = case.expected.asked.pixels[case.expected.asked.batch(0)].astype(np.float64)
    slope, start = np.polyfit(pixels.ravel(), seen.ravel(), 1)
    if not np.allclose(seen, slope * pixels + start, rtol=0, atol=2e-6 * max(1.0, float(np.abs(seen).max()))):
        return None
    scaling = questions.line_of(case.expected.task.input_scaling)
    low, high = (round(float(slope * edge + start), 4) + 0.0 for edge in (0, 255))
    wanted_low, wanted_high = ((edge / scaling.divisor - scaling.mean) / scaling.std for edge in (0, 255))
    if (low, high) == (round(wanted_low, 4), round(wanted_high, 4)):
        return None
    return f"Inputs are scaled to [{low:g}, {high:g}] instead of [{wanted_low:g}, {wanted_high:g}]."


def rounded_otherwise(case: Case) -> str | None:
    """Suppose that the same scaling is computed in other steps, so that only the last digits differ."""
    seen, wanted = case.array("seen"), case.expected.seen.astype(np.float64)
    if seen.shape != wanted.shape or case.answers.fact("seen_dtype") != case.answers.dtype:
        return None
    worst = float(np.abs(seen - wanted).max())
    size = float(np.abs(wanted).max())
    if worst > 4 * deviation.EPSILON["float32"] * size:
        return None
    return f"The same scaling, rounded otherwise: pixels differ by up to {worst:.2g}, in the last digits of float32."


def moved_otherwise(case: Case) -> str | None:
    """Suppose that axes, channels or examples come in another order."""
    seen, wanted = case.array("seen"), case.expected.seen.astype(np.float64)
    if seen.shape == wanted.shape:
        changed = {
            "Channels arrive in reverse order (blue first).": wanted[..., ::-1],
            "Images arrive mirrored, left to right.": wanted[:, :, ::-1],
            "Images arrive upside down.": wanted[:, ::-1],
            "Images arrive with height and width exchanged.": wanted.transpose(0, 2, 1, 3),
        }
        for sentence, supposed in changed.items():
            if supposed.shape == seen.shape and np.allclose(seen, supposed, atol=1e-6):
                return sentence
        matches = [
            next((j for j in range(len(wanted)) if np.allclose(image, wanted[j], atol=1e-6)), -1) for image in seen
        ]
        if sorted(matches) == list(range(len(wanted))):
            return f"Examples arrive in another order: {', '.join(map(str, matches))}."
    for axes in itertools.permutations(range(1, 4)):
        if wanted.transpose(0, *axes).shape == seen.shape and np.allclose(seen, wanted.transpose(0, *axes), atol=1e-6):
            return f"The axes of images arrive in the order {axes} of (height, width, channels), counted from 1."
    return None


PARAMETERS = (biases_missing, same_padding, another_shape)
WEIGHTS = (flatten_order_in_weights, another_initialisation)
DATA = (another_dtype, rounded_otherwise, another_scaling, moved_otherwise)
