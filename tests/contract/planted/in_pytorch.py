"""Mismatches planted in PyTorch's live objects, as a person's program would have them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from suite.frameworks.pytorch import loss
from suite.frameworks.pytorch.trainer import PyTorchTrainer
from suite.workload import Adam, HingeRanking, Sgd

Plant = Callable[[PyTorchTrainer], contextlib.AbstractContextManager[None] | None]


def nothing(_: PyTorchTrainer) -> None:
    pass


def optimizer(make: Callable[..., torch.optim.Optimizer], **given: Any) -> Plant:
    def plant(trainer: PyTorchTrainer) -> None:
        constants = trainer.workload.optimizer
        match constants:
            case Sgd():
                usual = {"lr": constants.learning_rate, "momentum": constants.momentum}
            case Adam():
                usual = {"lr": constants.learning_rate, "betas": (constants.beta1, constants.beta2)}
        trainer._new_optimizer = lambda: make(trainer.model.parameters(), **(usual | given))
        trainer.optimizer = trainer._new_optimizer()

    return plant


def exchanged(first: str, second: str) -> Plant:
    def plant(trainer: PyTorchTrainer) -> None:
        modules, swap = dict(trainer.model.named_children()), {first: second, second: first}
        trainer.model._modules.clear()
        for name in modules:
            new = swap.get(name, name)
            trainer.model.add_module(new, modules[new])

    return plant


def module(name: str, make: Callable[[], nn.Module], *, dense1: int | None = None) -> Plant:
    """Put another module in the place of one; the dense layer behind may need more inputs."""

    def plant(trainer: PyTorchTrainer) -> None:
        dtype = next(trainer.model.parameters()).dtype
        setattr(trainer.model, name, make().to(dtype))
        if dense1 is not None:
            trainer.model.dense1 = nn.Linear(dense1, trainer.model.dense1.out_features, dtype=dtype)
            trainer.flattened["dense1/weight"] = (5, 5, 4)
        trainer.optimizer = trainer._new_optimizer()

    return plant


def loss_summed(trainer: PyTorchTrainer) -> None:
    trainer.loss = nn.CrossEntropyLoss(reduction="sum")


def hinge_margin(trainer: PyTorchTrainer) -> None:
    trainer.loss = loss.loss(HingeRanking(margin=1.0, reduction="mean"))


def softmax(trainer: PyTorchTrainer) -> None:
    trainer.model.add_module("softmax", nn.Softmax(dim=1))


def scaled(trainer: PyTorchTrainer) -> None:
    usual = trainer.prepare
    trainer.prepare = lambda images, labels, masks: usual((images + 1) / 2, labels, masks)  # ToTensor, no Normalize


def doubled(trainer: PyTorchTrainer) -> None:
    """Images become float64 (NumPy's own), so the network was made float64 as well."""
    usual = trainer.prepare
    trainer.model.double()
    trainer.prepare = lambda images, labels, masks: usual(images.astype("float64"), labels, masks)


def loaded(**options: Any) -> Plant:
    """Train from a DataLoader."""

    def plant(trainer: PyTorchTrainer) -> None:
        def train(stretch: Any, clock: Any) -> float:
            data, losses = TensorDataset(*stretch.inputs, stretch.labels), []
            order = torch.Generator().manual_seed(3)
            clock.tick()
            for *inputs, labels in DataLoader(data, batch_size=stretch.batch, generator=order, **options):
                losses.append(trainer.train_step(tuple(inputs), labels))
                clock.tick()
            return float(torch.stack(losses).mean())

        trainer.train = train

    return plant


def own_weights(trainer: PyTorchTrainer) -> None:
    initial, load = trainer.dump(), trainer.load
    trainer.load = lambda weights, state=None: load(initial, state)


def no_biases(trainer: PyTorchTrainer) -> None:
    for each in trainer.model:
        if isinstance(each, nn.Conv2d | nn.Linear):
            each.register_parameter("bias", None)
    trainer.optimizer = trainer._new_optimizer()


def canonical_flatten(trainer: PyTorchTrainer) -> None:
    trainer.flattened.clear()


def whole_channels(trainer: PyTorchTrainer) -> None:
    usual = trainer.model.drop1.forward
    trainer.model.drop1.forward = lambda value, mask=None: usual(value, None if mask is None else mask[:, :, :1, :1])


def own_dropout(trainer: PyTorchTrainer) -> None:
    live = nn.Dropout2d(0.25)
    trainer.model.drop1.forward = lambda value, mask=None: live.train(trainer.model.training)(value)


def functional_dropout(trainer: PyTorchTrainer) -> None:
    """Use F.dropout, which drops values in evaluation as well, unless told otherwise."""
    dropout = trainer.model.drop2
    usual = dropout.forward
    dropout.forward = lambda value, mask=None: (
        usual(value, mask) if dropout.training else nn.functional.dropout(value, 0.5)
    )


def never_evaluating(trainer: PyTorchTrainer) -> None:
    trainer.model.eval = trainer.model.train


def late(trainer: PyTorchTrainer) -> None:
    """Step the schedule behind the epoch's first batch."""
    change, step, waiting = trainer.set_learning_rate, trainer.train_step, []

    def train_step(inputs: Any, labels: Any) -> Any:
        loss = step(inputs, labels)
        while waiting:
            change(waiting.pop())
        return loss

    trainer.set_learning_rate, trainer.train_step = waiting.append, train_step


@contextlib.contextmanager
def bfloat16(_: PyTorchTrainer) -> Iterator[None]:
    torch.set_float32_matmul_precision("medium")
    torch.backends.mkldnn.conv.fp32_precision = "bf16"
    yield
    torch.backends.mkldnn.conv.fp32_precision = "ieee"
    torch.set_float32_matmul_precision("highest")


SGD, ADAM, ADAMW = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW

PLANTS: dict[str, Plant] = {
    "nothing": nothing,
    "nothing with Adam, norms and dropout": nothing,
    "nothing with a schedule": nothing,
    "nothing in a Siamese network": nothing,
    "hinge margin": hinge_margin,
    "not normalised": module("normalize2", nn.Identity),
    "pooling before ReLU": exchanged("relu1", "pool1"),
    "average pooling before ReLU": exchanged("relu2", "pool2"),
    "Adam epsilon": optimizer(ADAM, eps=1e-7),
    "Nesterov": optimizer(SGD, nesterov=True),
    "dampening": optimizer(SGD, dampening=0.9),
    "coupled decay": optimizer(SGD, weight_decay=5e-4),
    "coupled decay in Adam": optimizer(ADAM, weight_decay=0.01),
    "AdamW": optimizer(ADAMW),
    "loss summed": loss_summed,
    "softmax twice": softmax,
    "input scaling": scaled,
    "float64 inputs": doubled,
    "shuffled": loaded(shuffle=True),
    "last batch dropped": loaded(drop_last=True),
    "padding same": module("conv1", lambda: nn.Conv2d(2, 4, 3, padding="same"), dense1=100),
    "PyTorch's own weights": own_weights,
    "biases missing": no_biases,
    "flatten order": canonical_flatten,
    "dropout per channel": whole_channels,
    "dropout of its own": own_dropout,
    "batch-norm momentum the other way about": module("bn1", lambda: nn.BatchNorm2d(4, momentum=0.9)),
    "batch-norm momentum as PyTorch has it": module("bn1", lambda: nn.BatchNorm2d(4, eps=1e-3)),
    "batch-norm epsilon as PyTorch has it": module("bn1", lambda: nn.BatchNorm2d(4, momentum=0.01)),
    "schedule one step late": late,
    "bfloat16": bfloat16,
    "batch norms in training mode": never_evaluating,
    "dropout in evaluation": functional_dropout,
}
