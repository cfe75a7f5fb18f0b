"""The exam that every framework sits for a workload: what it is given, and the definition's own way through it.

Drawn once per workload and stored in a folder, from which workers read: initial weights, images and labels, the order
in which examples are visited, weights, state and gradients for a single update, and the trajectory of 200 training
steps by the definition. All of it is float32 numbers, so that it can be loaded exactly in any precision; what the
definition makes of them is float64.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from suite import inputs, seeds
from suite.parity.program import Program
from suite.parity.reference import Arrays, Batch, train_batch
from suite.parity.update import advance, initial_state, parameters
from suite.workload import HingeRanking, InputScaling, PerImage, Scaling, Workload

SEED = 0
BATCH = 8
STEPS = 200
EXAMPLES = 400
SINGLES = 5
"""How many examples are visited one by one, to find out in which order."""
PATCHES = InputScaling(divisor=1.0, mean=128.0, std=32.0)
"""How the exam scales pixels where a run scales each whole image by its own mean and deviation: an exam has patches
only, and takes them to be of images whose mean and deviation these are, about those that its patches have."""
UPDATE_STEP = 100
"""The number of updates that the optimiser's state in the single update counts: late enough for bias corrections to be
well conditioned in float32."""


@dataclass(frozen=True, kw_only=True)
class Questions:
    """What a worker reads; ``folder`` holds the trajectory.

    ``visits`` are the examples of all steps in order; those of step k are ``visits[k * BATCH : (k + 1) * BATCH]``.
    """

    folder: Path
    weights: Arrays
    pixels: np.ndarray
    labels: np.ndarray
    visits: np.ndarray
    update_weights: Arrays
    update_state: Arrays
    update_gradients: Arrays

    def batch(self, step: int) -> np.ndarray:
        """Return which examples the batch of ``step`` holds."""
        return self.visits[step * BATCH : (step + 1) * BATCH]

    def several(self) -> np.ndarray:
        """Return the examples of three batches and a partial one."""
        return self.visits[: 3 * BATCH + BATCH // 2]

    def singles(self) -> np.ndarray:
        """Return the examples that are visited one by one."""
        return self.visits[:SINGLES]

    def first(self, count: int) -> np.ndarray:
        """Return the examples of the first ``count`` visits; where that is more than there are, they begin anew."""
        return repeated(self.visits, count)


def sequence(size: int, examples: int) -> list[int]:
    """Return the batch sizes that a run takes with batches of ``size`` and epochs of ``examples``, in order.

    The partial one is in the middle.
    """
    partial = examples % size
    return [size, partial, size] if partial else [size]


def draw(workload: Workload, folder: Path) -> Questions:
    """Return the questions for ``workload``, without the trajectory."""
    pixels, labels = _examples(workload)
    weights: Arrays = inputs.weights(workload, SEED)
    rounds = -(-STEPS * BATCH // EXAMPLES)
    visits = inputs.order(EXAMPLES, EXAMPLES, rounds, SEED).ravel()[: STEPS * BATCH].astype(np.int64)
    asked = _single_update(workload, weights)
    return Questions(
        folder=folder,
        weights=weights,
        pixels=pixels,
        labels=labels,
        visits=visits,
        update_weights=asked[0],
        update_state=asked[1],
        update_gradients=asked[2],
    )


def line_of(scaling: Scaling) -> InputScaling:
    """Return the line along which the exam scales pixels."""
    return PATCHES if isinstance(scaling, PerImage) else scaling


def scaled(pixels: np.ndarray, scaling: Scaling) -> np.ndarray:
    """Return (pixels / divisor - mean) / std, each operation rounded to float32, as float32."""
    scaling = line_of(scaling)
    values = pixels.astype(np.float32) / np.float32(scaling.divisor)
    return np.asarray((values - np.float32(scaling.mean)) / np.float32(scaling.std), np.float32)


def masks(workload: Workload, count: int) -> Arrays:
    """Return the exam's dropout masks for the first ``count`` visits; a visit that is repeated has its mask again."""
    drawn = inputs.masks(workload, STEPS * BATCH, 0, SEED)
    return {name: repeated(mask, count) for name, mask in drawn.items()}


def repeated(rows: np.ndarray, count: int) -> np.ndarray:
    """Return the first ``count`` rows, beginning anew where there are fewer."""
    return rows[:count] if count <= len(rows) else np.resize(rows, (count, *rows.shape[1:]))


def _examples(workload: Workload) -> tuple[np.ndarray, np.ndarray]:
    """Draw learnable images that no pooling window ties in: a pattern for each class, and noise that clips nowhere."""
    if isinstance(workload.loss, HingeRanking):
        return _candidates(workload)
    labels = np.arange(EXAMPLES, dtype=np.int64) % workload.classes
    pattern = _bytes((workload.classes, *workload.input_shape), "pattern", workload.name) // 2 + 64
    noise = _bytes((EXAMPLES, *workload.input_shape), "noise", workload.name) // 2
    return (pattern[labels].astype(np.int16) + noise - 64).astype(np.uint8), labels


def _candidates(workload: Workload) -> tuple[np.ndarray, np.ndarray]:
    """Draw examples of views: texture, the same but for noise, and one that is half like it and half another.

    So the right candidate is the likelier one from the start, by less than the loss asks for.
    """
    labels = np.arange(EXAMPLES, dtype=np.int64) % workload.classes
    shape = (EXAMPLES, *workload.input_shape)
    noise = _bytes(shape, "noise", workload.name).astype(np.int16) // 4
    texture, other = (_bytes(shape[:-1], name, workload.name).astype(np.int16) // 2 for name in ("texture", "other"))
    views = np.repeat(texture[..., None], workload.input_shape[-1], axis=-1)
    wrong = np.arange(EXAMPLES)
    views[wrong, ..., 2 - labels] = (texture + other) // 2  # the first view is the one to compare with
    return (views + noise + 32).astype(np.uint8), labels


def _bytes(shape: Sequence[int], *names: str) -> np.ndarray:
    count = int(np.prod(shape))
    raw = np.random.PCG64(seeds.derive(SEED, "parity", *names)).random_raw(-(-count // 8))
    return raw.view(np.uint8)[:count].reshape(shape)


def _uniform(shape: Sequence[int], *names: str) -> np.ndarray:
    raw = np.random.PCG64(seeds.derive(SEED, "parity", *names)).random_raw(int(np.prod(shape)))
    return ((raw >> np.uint64(11)) * 2.0**-53).reshape(shape)


def _single_update(workload: Workload, weights: Arrays) -> tuple[Arrays, Arrays, Arrays]:
    """Draw weights, state and gradients from 1e-9 to 1 in size: an unlike epsilon shows in the small ones.

    State and gradient agree in sign, so that sums do not cancel, and in size, so that each matters.
    """
    rule = Program.of(workload).rule
    gradients: Arrays = {}
    state: Arrays = {}
    for name in parameters(weights):
        shape = weights[name].shape
        sign = np.where(_uniform(shape, "sign", name) < 0.5, -1, 1)
        size = 10.0 ** (-9 * _uniform(shape, "size", name))
        gradients[name] = (sign * size).astype(np.float32)
        fresh = {
            "velocity": sign * size * (0.5 + _uniform(shape, "velocity", name)),
            "first_moment": sign * size * (0.5 + _uniform(shape, "first", name)),
            "second_moment": size**2 * (0.5 + _uniform(shape, "second", name)),
        }
        for key in initial_state(rule, {name: weights[name]}):
            if key != "step":
                state[key] = fresh[key.rsplit("/", 1)[1]].astype(np.float32)
    if rule.adam:
        state["step"] = np.asarray(UPDATE_STEP)
    return dict(weights), state, gradients


@dataclass(frozen=True)
class Packing:
    """How named arrays lie in one vector, in the order of their names."""

    shapes: tuple[tuple[str, tuple[int, ...]], ...]

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> Packing:
        """Return the packing of arrays like these."""
        return cls(tuple((name, arrays[name].shape) for name in sorted(arrays)))

    def pack(self, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the arrays as one vector."""
        return np.concatenate([np.ravel(arrays[name]) for name, _ in self.shapes] or [np.zeros(0)])

    def unpack(self, vector: np.ndarray) -> Arrays:
        """Return the vector's arrays."""
        found, start = {}, 0
        for name, shape in self.shapes:
            size = int(np.prod(shape))
            found[name] = vector[start : start + size].reshape(shape)
            start += size
        return found


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the trajectory: weights and state before it, and what its batch gives by the definition."""

    weights: Arrays
    state: Arrays
    batch: Batch


class Trajectory:
    """200 training steps by the definition, each from float32 weights and state; vectors in files, read as needed."""

    def __init__(self, workload: Workload, questions: Questions) -> None:
        rule = Program.of(workload).rule
        state = initial_state(rule, questions.weights)
        self._before = Packing.of({**questions.weights, **state})
        learned = {name: questions.weights[name] for name in parameters(questions.weights)}
        running = {name: questions.weights[name] for name in questions.weights if name not in learned}
        self._given = Packing.of({**learned, **running})
        self._names = (frozenset(questions.weights), frozenset(learned))
        self._folder = questions.folder

    def make(self, workload: Workload, questions: Questions) -> None:
        """Train by the definition and write every step down.

        Raises:
            OSError: the disk is full.
        """
        program = Program.of(workload)
        weights, state = dict(questions.weights), initial_state(program.rule, questions.weights)
        dropped = masks(workload, STEPS * BATCH)
        before, given, losses, counts = [], [], [], {}
        for number in range(STEPS):
            before.append(self._before.pack({**weights, **state}).astype(np.float32))
            weights, state = self._split(before[-1])
            images = scaled(questions.pixels[questions.batch(number)], workload.input_scaling)
            rows = slice(number * BATCH, (number + 1) * BATCH)
            here = {name: mask[rows] for name, mask in dropped.items()}
            batch = train_batch(program, weights, images, questions.labels[questions.batch(number)], here)
            given.append(self._given.pack({**batch.gradients, **batch.statistics}))
            losses.append(batch.loss)
            counts = batch.counts
            weights, state = advance(program, weights, state, batch, program.rule.learning_rate)
        np.save(self._folder / "before.npy", np.stack(before))
        np.save(self._folder / "given.npy", np.stack(given))
        told: Arrays = {"losses": np.asarray(losses), **{f"count/{k}": np.asarray(v) for k, v in counts.items()}}
        np.savez(self._folder / "trajectory.npz", **told)  # type: ignore[arg-type]

    def losses(self) -> np.ndarray:
        """Return the loss of every step, float64."""
        with np.load(self._folder / "trajectory.npz") as file:
            return np.asarray(file["losses"])

    def steps(self) -> Iterator[Step]:
        """Yield every step, in order."""
        before = np.load(self._folder / "before.npy", mmap_mode="r")
        given = np.load(self._folder / "given.npy", mmap_mode="r")
        with np.load(self._folder / "trajectory.npz") as file:
            losses = file["losses"]
            counts = {key.split("/", 1)[1]: int(file[key]) for key in file.files if key.startswith("count/")}
        for number in range(len(losses)):
            weights, state = self._split(np.array(before[number]))
            found = self._given.unpack(np.array(given[number]))
            gradients = {name: array for name, array in found.items() if name in self._names[1]}
            statistics = {name: array for name, array in found.items() if name not in self._names[1]}
            batch = Batch(np.zeros(0), float(losses[number]), gradients, statistics, counts)
            yield Step(weights=weights, state=state, batch=batch)

    def last(self) -> Arrays:
        """Return the weights before the last step: trained enough for predictions to be more than chance."""
        before = np.load(self._folder / "before.npy", mmap_mode="r")
        return self._split(np.array(before[-1]))[0]

    def _split(self, vector: np.ndarray) -> tuple[Arrays, Arrays]:
        found = self._before.unpack(vector)
        weights = {name: array for name, array in found.items() if name in self._names[0]}
        state = {name: array for name, array in found.items() if name not in self._names[0]}
        if "step" in state:
            state["step"] = np.asarray(int(state["step"]))
        return weights, state
