"""Loaders of a program: watched, and with batches moved to where the network lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from suite.published.programs import Observer


class Moved:
    """A loader of PyTorch's whose batches are moved to a device when they are asked for."""

    def __init__(self, loader: Any, device: str) -> None:
        self._loader = loader
        self._device = device

    def __len__(self) -> int:
        return len(self._loader)

    def __iter__(self) -> Iterator[Any]:
        for batch in self._loader:
            yield tuple(each.to(self._device) for each in batch)


class Watched:
    """A loader that tells when a pass over it begins, and when the next batch (or the end) is asked for.

    Where steps run on after their call, ``wait`` waits for them.
    """

    def __init__(self, loader: Any, observer: Observer, wait: Callable[[], None] | None = None) -> None:
        self._loader = loader
        self._observer = observer
        self._wait = wait

    def __len__(self) -> int:
        return len(self._loader)

    def __iter__(self) -> Iterator[Any]:
        self._observer.begin()
        for batch in self._loader:
            yield batch
            if self._wait:
                self._wait()
            self._observer.step()
