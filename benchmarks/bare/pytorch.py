"""The networks in plain PyTorch, eager."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional


class Dropped(nn.Module):  # type: ignore[misc]
    """The CP8321 network; which values its dropouts keep is given."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 10, 5), nn.Conv2d(10, 20, 5)
        self.dense1, self.dense2 = nn.Linear(320, 50), nn.Linear(50, 10)

    def forward(self, images: Any, kept1: Any, kept2: Any) -> Any:
        """Return the logits; ``kept1`` (n, 20, 1, 1) and ``kept2`` (n, 50) are 1 where a value stays."""
        value = functional.relu(functional.max_pool2d(self.conv1(images), 2))
        value = functional.relu(functional.max_pool2d(self.conv2(value) * (kept1 * 2.0), 2))
        value = functional.relu(self.dense1(value.flatten(1))) * (kept2 * 2.0)
        return self.dense2(value)


class Siamese(nn.Module):  # type: ignore[misc]
    """MC-CNN, fast: features of patches, and the cosines between the first and the others."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 64, 3),
            nn.ReLU(),
            nn.Conv2d(64, 64, 3),
            nn.ReLU(),
            nn.Conv2d(64, 64, 3),
            nn.ReLU(),
            nn.Conv2d(64, 64, 3),
        )

    def forward(self, patches: Any) -> Any:
        """Return (n, 2) cosines for patches (n, 3, 9, 9)."""
        features = self.features(patches.reshape(-1, 1, 9, 9)).reshape(-1, 3, 64)
        features = functional.normalize(features, dim=2)
        return (features[:, :1] * features[:, 1:]).sum(dim=2)


def hinge(scores: Any, labels: Any) -> Any:
    """Return the mean hinge loss: the score called right has to be better by 0.2."""
    return functional.margin_ranking_loss(scores[:, 1], scores[:, 0], labels * 2.0 - 1.0, margin=0.2)


NETWORKS = {
    "cifar10-cnn3x3": lambda: nn.Sequential(
        nn.Conv2d(3, 32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(64, 64, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(1024, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    ),
    "cifar10-cnn5x5": lambda: nn.Sequential(
        nn.Conv2d(3, 6, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    ),
    "mnist-cnn-pl2021": lambda: nn.Sequential(
        nn.Conv2d(1, 32, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(1024, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    ),
    "mnist-cnn-cp8321": Dropped,
    "mc-cnn-fast": Siamese,
}
OPTIMIZERS = {
    "cifar10-cnn3x3": lambda parameters: torch.optim.SGD(parameters, lr=0.001, momentum=0.9),
    "cifar10-cnn5x5": lambda parameters: torch.optim.SGD(parameters, lr=0.001, momentum=0.9),
    "mnist-cnn-pl2021": lambda parameters: torch.optim.Adam(parameters, lr=0.001),
    "mnist-cnn-cp8321": lambda parameters: torch.optim.SGD(parameters, lr=0.01, momentum=0.5),
    "mc-cnn-fast": lambda parameters: torch.optim.SGD(parameters, lr=0.002, momentum=0.9),
}


class Loop:
    """A network, its optimiser and the examples it is trained on."""

    def __init__(self, workload: str, images: np.ndarray, labels: np.ndarray, *kept: np.ndarray, batch: int) -> None:
        """Take ``images`` (n, height, width, channels) float32, ``labels`` (n,) int64, masks of dropouts; n / batch."""
        self.images = torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
        self.labels = torch.from_numpy(labels)
        self.kept = [torch.from_numpy(each.transpose(0, 3, 1, 2) if each.ndim == 4 else each) for each in kept]
        self.batch = batch
        self.model = NETWORKS[workload]()
        self.loss = hinge if workload == "mc-cnn-fast" else nn.CrossEntropyLoss()
        self.optimizer = OPTIMIZERS[workload](self.model.parameters())

    def train(self) -> list[int]:
        """Train on every batch once; return the time (ns) before the first step and after each."""
        stamps = [time.perf_counter_ns()]
        for start in range(0, len(self.images), self.batch):
            images = self.images[start : start + self.batch]
            labels = self.labels[start : start + self.batch]
            kept = [each[start : start + self.batch] for each in self.kept]
            self.optimizer.zero_grad()
            loss = self.loss(self.model(images, *kept), labels)
            loss.backward()
            self.optimizer.step()
            stamps.append(time.perf_counter_ns())
        return stamps

    def parameters(self) -> list[np.ndarray]:
        """Return the arrays that are trained, in the order of the layers, weights before biases."""
        return [parameter.detach().numpy() for parameter in self.model.parameters()]


def depth_map(weights: list[np.ndarray], left: np.ndarray, right: np.ndarray, count: int) -> np.ndarray:
    """Return disparities (height, width) of a pair: MC-CNN's convolutions, a cost volume, the best of each pixel.

    ``weights`` are those of the four convolutions, (3, 3, in, out), and biases, by turns.
    """
    with torch.no_grad():
        value = torch.from_numpy(np.stack([left, right])[:, None])
        value = functional.pad(value, (4, 4, 4, 4))
        for number in range(0, 8, 2):
            kernel = torch.from_numpy(np.ascontiguousarray(weights[number].transpose(3, 2, 0, 1)))
            value = functional.conv2d(value, kernel, torch.from_numpy(weights[number + 1]))
            value = functional.relu(value) if number < 6 else value
        ours, theirs = functional.normalize(value, dim=1)
        volume = torch.full((count, *left.shape), -2.0)
        for disparity in range(count):
            inside = theirs[:, :, : left.shape[1] - disparity]
            volume[disparity, :, disparity:] = (ours[:, :, disparity:] * inside).sum(dim=0)
        best: np.ndarray = volume.argmax(dim=0).numpy()
        return best
