"""PL2021 in PyTorch: a network of two convolutions learns handwritten digits, the way a beginner trains it."""

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset, TensorDataset


def network() -> nn.Module:
    """Two convolutions with pooling, then two dense layers."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(64 * 4 * 4, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )


def digits(pixels: np.ndarray, labels: np.ndarray) -> Dataset:
    """Return pictures, with values from 0 to 1 and the channel first, and labels as a data set."""
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
    return TensorDataset(images, torch.from_numpy(labels).long())


def learner(net: nn.Module) -> tuple[nn.Module, optim.Optimizer]:
    """Return the loss and the optimiser."""
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(net.parameters())
    return criterion, optimizer


def load(dataset: Dataset, batch_size: int, *, shuffle: bool = False) -> DataLoader:
    """Return the loader that makes batches, in the order in which the pictures lie in their file."""
    return DataLoader(dataset, batch_size=batch_size, shuffle=shuffle)


def train_one_epoch(net: nn.Module, loader: DataLoader, criterion: nn.Module, optimizer: optim.Optimizer) -> float:
    """Train on every batch once and return the mean loss."""
    running_loss = 0.0
    for images, labels in loader:
        optimizer.zero_grad()
        loss = criterion(net(images), labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
    return running_loss / len(loader)


def evaluate(net: nn.Module, loader: DataLoader) -> float:
    """Return the share of test pictures whose digit the network gets right."""
    correct = 0
    total = 0
    with torch.no_grad():
        for images, labels in loader:
            predicted = net(images).argmax(dim=1)
            total += len(labels)
            correct += (predicted == labels).sum().item()
    return correct / total
