"""Which mismatches are planted in which framework, on what network, where each has to fail and in what words."""

from __future__ import annotations

from dataclasses import dataclass, replace

from suite.frameworks import DType, frameworks
from suite.layers import BatchNorm, Dropout, Layer
from suite.workload import Workload
from tests.parity.networks import ADAM, EVERYTHING, NETWORKS, changed, network

STEPS = 4
"""Synchronised steps: what is planted here shows in the first, or in an item before them."""

TORCH, TENSORFLOW, KERAS = "pytorch", "tensorflow", "keras"
ALL = (TORCH, TENSORFLOW, KERAS)

_ONE_FOR_EACH_ITEM = (
    *("nothing", "padding same", "Keras's own weights", "input scaling", "flatten order", "loss summed", "Nesterov"),
    *("shuffled", "schedule one step late"),
)
FURTHER = {"keras-torch": _ONE_FOR_EACH_ITEM, "keras-jax": ("nothing", "loss summed", "Nesterov", "shuffled")}
"""What is planted in Keras on other libraries: its model, fit and optimiser are the same, and all mismatches in them
are planted on TensorFlow. What is new is the library's own path to each item of the exam, so there is one mismatch for
each that fails at it; for JAX, which compiles each for seconds, for those that its engine answers itself."""

BOTH: tuple[DType, ...] = ("float32", "float64")
SINGLE: tuple[DType, ...] = ("float32",)


@dataclass(frozen=True, kw_only=True)
class Planted:
    """One mismatch: ``item`` has to fail first (None: it is no mismatch), and the diagnosis holds ``words``."""

    name: str
    task: Workload
    item: str | None
    words: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = ALL
    precisions: tuple[DType, ...] = BOTH
    cancels: bool = False
    """Sums that nearly cancel: single elements in float32 are mostly rounding, so only float64 tells what it is."""

    def dtypes(self, framework: str) -> tuple[DType, ...]:
        """Return the precisions of the exam: tracing takes time, so TensorFlow has float64 only where it tells more."""
        precisions = self.precisions if framework == TORCH or self.item is None or self.cancels else SINGLE
        return tuple(each for each in precisions if each in frameworks()[framework].dtypes_on("cpu", self.task))


def _named(name: str, workload: Workload, **changes: object) -> Workload:
    return replace(changed(workload, **changes), name=name)


def _every(kind: type, **changes: object) -> tuple[Layer, ...]:
    return tuple(replace(layer, **changes) if isinstance(layer, kind) else layer for layer in EVERYTHING)


PLAIN, FULL, STEPPED = NETWORKS["plain"], NETWORKS["everything"], NETWORKS["stepped"]
COMPARED = NETWORKS["siamese"]
PLAIN_ADAM = network(optimizer=ADAM, name="plain-adam")
NORMS = _named("norms", FULL, layers=tuple(layer for layer in EVERYTHING if not isinstance(layer, Dropout)))
FIRM_NORMS = _named("firm-norms", FULL, layers=_every(BatchNorm, momentum=0.99, epsilon=1e-3))
SINGLES = _named("single-dropout", FULL, layers=_every(Dropout, per_channel=False))

EXPECTED = (
    Planted(name="nothing", task=PLAIN, item=None),
    Planted(name="nothing with Adam, norms and dropout", task=FULL, item=None),
    Planted(name="nothing with a schedule", task=STEPPED, item=None),
    Planted(name="nothing in a Siamese network", task=COMPARED, item=None),
    Planted(
        name="hinge margin",
        task=COMPARED,
        item="loss",
        words=("margin of the hinge is 1 instead of 0.2",),
        frameworks=(TORCH,),
    ),
    Planted(
        name="not normalised",
        task=COMPARED,
        item="forward",
        words=("not normalised", "normalize2"),
        frameworks=(TORCH,),
    ),
    Planted(name="pooling before ReLU", task=PLAIN, item=None),
    Planted(
        name="average pooling before ReLU", task=FULL, item="forward", words=("pool2 comes before relu2", "instead of")
    ),
    Planted(
        name="Adam epsilon",
        task=PLAIN_ADAM,
        item="update",
        words=("Adam's epsilon differs: 1e-07 instead of 1e-08", "small gradients"),
    ),
    Planted(
        name="epsilon hat",
        task=PLAIN_ADAM,
        item="update",
        words=("epsilon is added before the bias correction",),
        frameworks=(TENSORFLOW,),
    ),
    Planted(name="Nesterov", task=PLAIN, item="update", words=("Nesterov momentum is on",)),
    Planted(
        name="dampening",
        task=PLAIN,
        item="update",
        words=("Momentum is dampened by 0.9",),
        frameworks=(TORCH, TENSORFLOW),
    ),
    Planted(
        name="coupled decay",
        task=PLAIN,
        item="update",
        words=("Weight decay of 0.0005, coupled",),
        frameworks=(TORCH, TENSORFLOW),
    ),
    Planted(
        name="penalty on weights",
        task=PLAIN,
        item="loss",
        words=("penalty on weights", "coupled weight decay of 0.0005"),
        frameworks=(KERAS,),
    ),
    Planted(
        name="softmax that the loss undoes",
        task=PLAIN,
        item="forward",
        words=("ends in a softmax", "as defined"),
        frameworks=(KERAS,),
    ),
    Planted(
        name="logits taken for probabilities",
        task=PLAIN,
        item="loss",
        words=("taken for probabilities",),
        frameworks=(KERAS,),
    ),
    Planted(name="float64 arrays that fit casts", task=PLAIN, item=None, frameworks=(KERAS,), precisions=SINGLE),
    Planted(
        name="decoupled decay",
        task=PLAIN,
        item="update",
        words=("Weight decay of 0.0005, decoupled",),
        frameworks=(TENSORFLOW, KERAS),
    ),
    Planted(
        name="coupled decay in Adam",
        task=PLAIN_ADAM,
        item="update",
        words=("Weight decay of 0.01, coupled",),
        cancels=True,
        frameworks=(TORCH, TENSORFLOW),
    ),
    Planted(name="AdamW", task=PLAIN_ADAM, item="update", words=("Weight decay of 0.01, decoupled",)),
    Planted(
        name="loss summed", task=PLAIN, item="loss", words=("summed over the batch instead of averaged", "8 times")
    ),
    Planted(name="softmax twice", task=PLAIN, item="forward", words=("Softmax is applied twice", "at initialisation")),
    Planted(name="input scaling", task=PLAIN, item="data", words=("scaled to [0, 1] instead of [-1, 1]",)),
    Planted(
        name="float64 inputs", task=PLAIN, item="data", words=("as float64 instead of float32",), precisions=SINGLE
    ),
    Planted(name="shuffled", task=PLAIN, item="batches", words=("stored order is not followed",)),
    Planted(name="last batch dropped", task=PLAIN, item="batches", words=("last partial batch is dropped: 4 of 28",)),
    Planted(
        name="padding same",
        task=PLAIN,
        item="parameters",
        words=("Padding is 'same' instead of 'valid' in conv1", "(10, 10, 4) instead of (8, 8, 4)"),
    ),
    Planted(
        name="PyTorch's own weights",
        task=PLAIN,
        item="weights",
        words=("Another initialisation", "PyTorch's default", "non-zero biases"),
        frameworks=(TORCH,),
    ),
    Planted(
        name="Keras's own weights",
        task=PLAIN,
        item="weights",
        words=("Another initialisation", "Keras's default", "zero biases"),
        frameworks=(KERAS,),
    ),
    Planted(name="biases missing", task=PLAIN, item="parameters", words=("Biases are missing in 3 of 3 layers",)),
    Planted(name="flatten order", task=PLAIN, item="forward", words=("flatten runs over channels first",)),
    Planted(name="dropout per channel", task=SINGLES, item="loss", words=("whole channels instead of single values",)),
    Planted(name="dropout of its own", task=FULL, item="loss", words=("Dropout draws masks of its own",)),
    Planted(
        name="batch-norm momentum the other way about",
        task=FULL,
        item="batches",
        words=("Batch norms keep 0.1 of their running values", "instead of 0.9"),
        frameworks=(TORCH,),
    ),
    Planted(
        name="batch-norm momentum as PyTorch has it",
        task=FIRM_NORMS,
        item="batches",
        words=("Batch norms keep 0.9 of their running values", "instead of 0.99"),
        frameworks=(TORCH,),
    ),
    Planted(
        name="batch-norm epsilon as PyTorch has it",
        task=FIRM_NORMS,
        item="forward",
        words=("Batch-norm epsilon is 1e-05 instead of 0.001",),
        frameworks=(TORCH,),
    ),
    Planted(
        name="batch-norm momentum as Keras has it",
        task=FULL,
        item="batches",
        words=("Batch norms keep 0.99 of their running values", "instead of 0.9"),
        frameworks=(TENSORFLOW, KERAS),
    ),
    Planted(
        name="batch-norm epsilon as Keras has it",
        task=FULL,
        item="forward",
        words=("Batch-norm epsilon is 0.001 instead of 1e-05",),
        frameworks=(TENSORFLOW, KERAS),
    ),
    Planted(name="schedule one step late", task=STEPPED, item="schedule", words=("schedule is one step late",)),
    Planted(
        name="bfloat16",
        task=PLAIN,
        item="forward",
        words=("Precision is reduced", "bfloat16"),
        frameworks=(TORCH,),
    ),
    Planted(
        name="batch norms in training mode",
        task=NORMS,
        item="forward",
        words=("Evaluation is done in training mode", "batch norms use the batch's own"),
    ),
    Planted(
        name="dropout in evaluation",
        task=FULL,
        item="forward",
        words=("Evaluation is done in training mode", "dropout is active"),
    ),
)


def planted_in(framework: str) -> tuple[Planted, ...]:
    """Return what is planted in a framework."""
    return tuple(each for each in EXPECTED if framework in each.frameworks or each.name in FURTHER.get(framework, ()))
