"""CP8321 in PyTorch: a small network learns handwritten digits, the way a beginner trains it."""

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset, TensorDataset


class Net(nn.Module):
    """Two convolutions, then two dense layers, with dropout in between."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, 5)
        self.conv2 = nn.Conv2d(10, 20, 5)
        self.pool = nn.MaxPool2d(2)
        self.conv2_drop = nn.Dropout2d(0.5)
        self.fc1 = nn.Linear(20 * 4 * 4, 50)
        self.fc1_drop = nn.Dropout(0.5)
        self.fc2 = nn.Linear(50, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logarithm of each digit's probability."""
        x = torch.relu(self.pool(self.conv1(x)))
        x = torch.relu(self.pool(self.conv2_drop(self.conv2(x))))
        x = torch.flatten(x, 1)
        x = torch.relu(self.fc1(x))
        x = self.fc1_drop(x)
        return torch.log_softmax(self.fc2(x), dim=1)


MEAN, STD = 0.1307, 0.3081


def scale(pixels: np.ndarray) -> torch.Tensor:
    """Bring the pixel values down to 0 to 1, then to mean 0 and deviation 1; the channel comes first."""
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
    return (images - MEAN) / STD


def digits(pixels: np.ndarray, labels: np.ndarray) -> Dataset:
    """Return pictures and labels as a data set."""
    return TensorDataset(scale(pixels), torch.from_numpy(labels).long())


def learner(net: nn.Module) -> tuple[nn.Module, optim.Optimizer]:
    """Return the loss and the optimiser."""
    criterion = nn.NLLLoss()
    optimizer = optim.SGD(net.parameters(), lr=0.01, momentum=0.5)
    return criterion, optimizer


def load(dataset: Dataset, batch_size: int, *, shuffle: bool = True) -> DataLoader:
    """Return the loader that makes batches; test pictures are not shuffled."""
    return DataLoader(dataset, batch_size=batch_size, shuffle=shuffle)


def train_one_epoch(net: nn.Module, loader: DataLoader, criterion: nn.Module, optimizer: optim.Optimizer) -> float:
    """Train on every batch once and return the mean loss."""
    net.train()
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
    net.eval()
    correct = 0
    total = 0
    with torch.no_grad():
        for images, labels in loader:
            predicted = net(images).argmax(dim=1)
            total += len(labels)
            correct += (predicted == labels).sum().item()
    return correct / total
