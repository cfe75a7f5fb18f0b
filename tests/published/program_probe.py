"""Runs inside a program's environment: what the program and its variants do, written to a file.

``python program_probe.py PROGRAM WORK``: writes WORK/<program>.json and .npz; keys are ``workload|variant|what``.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from suite import inputs
from suite.frameworks import Stretch
from suite.published.programs import PUBLISHED, Observer, Program, ProgramTrainer, programs
from suite.worker.clock import PerfClock
from suite.worker.measure import describe_layers
from suite.workload import Workload
from suite.workloads import workloads

THREADS = 1
SEED = 2**40 + 7
EXAMPLES = 5 * 16 + 8
BATCH = 16
EPOCHS = 6

Facts = dict[str, Any]
Arrays = dict[str, np.ndarray]


def cases(program: Program) -> list[tuple[str, str]]:
    """Return (workload, variant): the program itself on all its networks, its variants on the last of them."""
    themselves = [(workload, PUBLISHED) for workload in program.workloads]
    return [*themselves, *((program.workloads[-1], variant.name) for variant in program.variants[1:])]


def pixels_and_labels(task: Workload, count: int = EXAMPLES) -> tuple[np.ndarray, np.ndarray]:
    """Images that tell their class by their brightness, with noise on top; every byte from 0 to 255 occurs."""
    values = np.random.default_rng(0)
    labels = np.arange(count) % 10
    pixels = labels[:, None, None, None] * 20 + values.integers(0, 76, (count, *task.input_shape))
    pixels[0].flat[:256] = np.arange(256)
    return pixels.astype(np.uint8), labels.astype(np.uint8)


class Noting(Observer):
    """Keeps what the program tells of itself."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.losses: list[float] = []

    def begin(self) -> None:
        self.told.append("begin")

    def step(self) -> None:
        self.told.append("step")

    def end(self, loss: float) -> None:
        self.told.append("end")
        self.losses.append(loss)


def main(name: str, work: Path) -> None:
    """Try every case."""
    program = programs()[name]
    program.start(THREADS)
    facts: Facts = {}
    arrays: Arrays = {}
    for workload, variant in cases(program):
        key = f"{workload}|{variant}"
        facts[key], found = tried(program, workloads()[workload], variant)
        arrays |= {f"{key}|{what}": array for what, array in found.items()}
    (work / f"{name}.json").write_text(json.dumps(facts))
    np.savez(work / f"{name}.npz", **arrays)  # type: ignore[arg-type]


def tried(program: Program, task: Workload, variant: str) -> tuple[Facts, Arrays]:
    """Put one variant through everything."""
    trainer = program.build(task, variant, "float32", SEED)
    initial = trainer.dump()
    pixels, labels = pixels_and_labels(task)
    fed, fed_labels = trainer.feed(pixels, labels)
    arrays = {f"initial|{name}": array for name, array in initial.items()}
    arrays["seen"] = trainer.seen(fed)
    facts = {
        "layers": describe_layers(task, trainer),
        "rate": trainer.learning_rate(),
        "fed_dtype": str(fed[0].dtype).removeprefix("torch."),
        "fed_labels": np.asarray(fed_labels).ravel().tolist(),
        **training(trainer, pixels, labels),
        "orders": orders(program.build(task, variant, "float32", SEED), pixels, labels),
        "settings": trainer.settings(),
    }
    if variant == PUBLISHED:
        whole = program.build(task, variant, "float32", SEED)
        with whole.undropped():
            pieces_facts, pieces_arrays = pieces(program, whole, task)
        arrays |= {f"dropped|{name}": array for name, array in trainer.dropped().items()}
        facts, arrays = facts | pieces_facts, arrays | pieces_arrays
    return facts, arrays


def seeded() -> None:
    """Seed what Keras's program leaves unseeded on purpose, so that two trainings can be compared."""
    if "tensorflow" in sys.modules:
        sys.modules["tensorflow"].random.set_seed(SEED)


def orders(trainer: ProgramTrainer, pixels: np.ndarray, labels: np.ndarray) -> list[list[float]]:
    """Train two epochs as built; return the brightness of the images as they come to the network."""
    came: list[float] = []

    def note(images: np.ndarray) -> None:
        came.extend(images.mean(axis=(1, 2, 3)).tolist())

    if hasattr(trainer, "training"):
        _record_in_a_loop(trainer.training, note)
    elif "tensorflow" in sys.modules:
        _record_in_keras(trainer, note)
    else:
        net = trainer.net  # type: ignore[attr-defined]
        net.register_forward_pre_hook(lambda _net, given: note(given[0].numpy()))
    trainer.run(trainer.examples(pixels, labels), BATCH, 2, Noting())
    return [came[-2 * EXAMPLES : -EXAMPLES], came[-EXAMPLES:]]


def _record_in_a_loop(training: Any, note: Any) -> None:
    """Tell what each step of a loop is given."""
    step = training.step

    def telling(images: Any, labels: Any) -> None:
        note(images.numpy())
        step(images, labels)

    training.step = telling


def _record_in_keras(trainer: Any, note: Any) -> None:
    """Put a layer that tells what it is given in front of the program's model."""
    import keras
    import tensorflow as tf

    class Telling(keras.layers.Layer):  # type: ignore[misc]
        def call(self, images: Any) -> Any:
            tf.py_function(lambda given: note(given.numpy()), [images], [])
            return images

    trainer.model = keras.Sequential([keras.Input(trainer.workload.input_shape), Telling(), *trainer.model.layers])
    trainer.compile()


def training(trainer: ProgramTrainer, pixels: np.ndarray, labels: np.ndarray) -> Facts:
    """Let the program train and evaluate."""
    noting = Noting()
    examples = trainer.examples(pixels, labels)
    seeded()
    trainer.run(examples, BATCH, EPOCHS, noting)
    accuracy = trainer.evaluate(examples, BATCH)
    outputs = trainer.logits(trainer.feed(pixels, labels)[0][0])
    return {
        "told": noting.told,
        "losses": noting.losses,
        "accuracy": accuracy,
        "reported": trainer.reported(),
        "reported_as": trainer.reported_as,
        "counted": float((outputs.argmax(axis=1) == labels).mean()),
        "trained": digest(trainer),
    }


def pieces(program: Program, trainer: ProgramTrainer, task: Workload) -> tuple[Facts, Arrays]:
    """Take a step whole and in pieces, go on from a step's weights and state, and train a stretch."""
    weights = inputs.weights(task, seed=3)
    images, labels = np.random.default_rng(1).random((BATCH, *task.input_shape), np.float32), np.arange(BATCH) % 10
    prepared, truth = trainer.prepare(images, labels, {})
    trainer.load(weights)
    unchanged = all(np.array_equal(array, weights[name]) for name, array in trainer.dump().items())
    empty = max(float(np.abs(array).max()) for array in trainer.dump_state().values())
    loss, gradients = trainer.gradients(prepared, truth)
    after_gradients = digest(trainer)
    trainer.apply(gradients)
    arrays = {f"applied|{name}": array for name, array in trainer.dump().items()}
    state = trainer.dump_state()
    arrays |= {f"state|{name}": array for name, array in state.items()}
    arrays |= {f"gradient|{name}": array for name, array in gradients.items()}
    trainer.load(weights)
    step_losses = [float(trainer.train_step(prepared, truth)) for _ in range(2)]
    arrays |= {f"twice|{name}": array for name, array in trainer.dump().items()}
    trainer.load({name: arrays[f"applied|{name}"] for name in weights}, state)
    trainer.train_step(prepared, truth)
    arrays |= {f"resumed|{name}": array for name, array in trainer.dump().items()}
    trainer.load(weights)
    clock = PerfClock()
    stretch = Stretch(inputs=prepared, labels=truth, examples=BATCH, batch=6)
    mean = trainer.train(stretch, clock)
    before = trainer.learning_rate()
    trainer.set_learning_rate(before / 2)
    facts = {
        "loaded_unchanged": unchanged and after_gradients == hashed(weights),
        "state_before_a_step": empty,
        "loss": loss,
        "step_losses": step_losses,
        "stretch_loss": mean,
        "stretch_steps": len(clock.steps()),
        "halved": trainer.learning_rate() / before,
        **repeated(program, task),
    }
    return facts, arrays


def repeated(program: Program, task: Workload) -> Facts:
    """Train from one seed twice, the second time without being looked at, and from another seed."""
    pixels, labels = pixels_and_labels(task)
    digests = []
    for seed, looked_at in ((SEED, True), (SEED, False), (SEED + 1, False)):
        trainer = program.build(task, PUBLISHED, "float32", seed)
        examples = trainer.examples(pixels, labels)
        initial = digest(trainer)
        seeded()
        trainer.run(examples, BATCH, 1, Noting())
        if looked_at:
            trainer.evaluate(examples, BATCH)
        trainer.run(examples, BATCH, 1, Noting())
        digests.append((initial, digest(trainer)))
    return {"digests": digests}


def digest(trainer: ProgramTrainer) -> str:
    return hashed(trainer.dump())


def hashed(weights: Arrays) -> str:
    return hashlib.sha256(b"".join(weights[name].tobytes() for name in sorted(weights))).hexdigest()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
