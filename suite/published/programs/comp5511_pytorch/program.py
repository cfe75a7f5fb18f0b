"""COMP5511 in PyTorch: two small networks that learn CIFAR-10, written the way a beginner learns it."""

import numpy as np
import torch
from PIL import Image
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms


class Cifar10(Dataset):
    """Pictures and their labels; each picture is opened and transformed when it is asked for."""

    def __init__(self, pixels: np.ndarray, labels: list[int], transform: transforms.Compose) -> None:
        self.pixels = pixels
        self.labels = labels
        self.transform = transform

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        picture = Image.fromarray(self.pixels[index])
        return self.transform(picture), self.labels[index]


class Net3x3(nn.Module):
    """Three convolutions with 3x3 kernels, then two dense layers."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 3)
        self.conv2 = nn.Conv2d(32, 64, 3)
        self.conv3 = nn.Conv2d(64, 64, 3)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(64 * 4 * 4, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return one score for each of the ten classes."""
        x = self.pool(torch.relu(self.conv1(x)))
        x = self.pool(torch.relu(self.conv2(x)))
        x = torch.relu(self.conv3(x))
        x = torch.flatten(x, 1)
        x = torch.relu(self.fc1(x))
        return self.fc2(x)


class Net5x5(nn.Module):
    """Two convolutions with 5x5 kernels, then three dense layers."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return one score for each of the ten classes."""
        x = self.pool(torch.relu(self.conv1(x)))
        x = self.pool(torch.relu(self.conv2(x)))
        x = torch.flatten(x, 1)
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return self.fc3(x)


TRANSFORM = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])


def learner(net: nn.Module) -> tuple[nn.Module, optim.Optimizer]:
    """Return the loss and the optimiser."""
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
    return criterion, optimizer


def load(dataset: Dataset, batch_size: int, *, shuffle: bool = True) -> DataLoader:
    """Return the loader that makes batches; test pictures are not shuffled."""
    return DataLoader(dataset, batch_size=batch_size, shuffle=shuffle)


def train_one_epoch(net: nn.Module, loader: DataLoader, criterion: nn.Module, optimizer: optim.Optimizer) -> float:
    """Train on every batch once and return the mean loss."""
    running_loss = 0.0
    for images, labels in loader:
        optimizer.zero_grad()
        outputs = net(images)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
    return running_loss / len(loader)


def evaluate(net: nn.Module, loader: DataLoader) -> float:
    """Return the share of pictures whose class the network gets right."""
    correct = 0
    total = 0
    with torch.no_grad():
        for images, labels in loader:
            outputs = net(images)
            predicted = outputs.argmax(dim=1)
            total += len(labels)
            correct += (predicted == labels).sum().item()
    return correct / total
