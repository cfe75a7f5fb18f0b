"""The two networks in plain PyTorch, eager."""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import nn

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
}


class Loop:
    """A network, its optimiser and the examples it is trained on."""

    def __init__(self, workload: str, images: np.ndarray, labels: np.ndarray) -> None:
        """Take ``images`` (n, 32, 32, 3) float32 and ``labels`` (n,) int64, n a multiple of 32."""
        self.images = torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
        self.labels = torch.from_numpy(labels)
        self.model = NETWORKS[workload]()
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.001, momentum=0.9)

    def train(self) -> list[int]:
        """Train on every batch once; return the time (ns) before the first step and after each."""
        stamps = [time.perf_counter_ns()]
        for start in range(0, len(self.images), 32):
            images = self.images[start : start + 32]
            labels = self.labels[start : start + 32]
            self.optimizer.zero_grad()
            loss = self.loss(self.model(images), labels)
            loss.backward()
            self.optimizer.step()
            stamps.append(time.perf_counter_ns())
        return stamps

    def parameters(self) -> list[np.ndarray]:
        """Return the arrays that are trained, in the order of the layers, weights before biases."""
        return [parameter.detach().numpy() for parameter in self.model.parameters()]
