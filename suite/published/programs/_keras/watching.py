"""What watches ``fit`` from outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from suite.published.programs import Observer


def watching(observer: Observer, wait: Callable[[], None] | None, told: dict[str, float]) -> Any:
    """Return a callback that hands the program's steps on; ``wait`` waits for a GPU, where there is one.

    What ``fit`` tells of each epoch is put into ``told``.

    On a processor the end of a step is noted at the beginning of the next, and the last at the end of the epoch:
    Keras hands its batch-end callbacks to another thread, or, where one of them asks for numbers, fetches the loss
    after every step. On a GPU, where steps run on after their call, that is what is wanted, and it is waited for.
    """
    import keras

    class Watching(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
            if epoch:  # the first begins before fit does
                observer.begin()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
            if wait is None:
                observer.step()
            told.update({name: float(value) for name, value in logs.items()})
            observer.end(float(logs["loss"]))

    class Undisturbed(Watching):
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
            if batch:
                observer.step()

    class Waiting(Watching):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
            assert wait
            wait()
            observer.step()

    return Waiting() if wait else Undisturbed()
