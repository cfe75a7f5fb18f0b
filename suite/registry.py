"""Components found by being there: one file in a folder is one framework, workload, data set or note family."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


def modules(package: str) -> list[ModuleType]:
    """Import and return every public module of ``package``, in the order of their names."""
    folder = importlib.import_module(package)
    names = sorted(info.name for info in pkgutil.iter_modules(folder.__path__) if not info.name.startswith("_"))
    return [importlib.import_module(f"{package}.{name}") for name in names]


def discover(package: str, attribute: str, kind: type[T]) -> list[T]:
    """Return the object called ``attribute`` of every module in ``package`` that has one.

    Raises:
        TypeError: a module's object is not of type ``kind`` (a mistake in that file, so it is named).
    """
    found = []
    for module in modules(package):
        component = getattr(module, attribute, None)
        if component is None:
            continue
        if not isinstance(component, kind):
            raise TypeError(
                f"{module.__name__}.{attribute} has to be a {kind.__name__}, not {type(component).__name__}"
            )
        found.append(component)
    return found
