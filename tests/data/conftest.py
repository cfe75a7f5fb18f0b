from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from suite.data import cifar10, cifar10_twin

RECORDS = 20


@pytest.fixture(autouse=True)
def _nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EVENMATCH_DATA", "EVENMATCH_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Six small files in the publisher's format, which the reader takes for the published ones."""
    random = np.random.RandomState(0)
    made = {}
    for name in cifar10.PUBLISHED.md5:
        records = random.randint(0, 256, (RECORDS, cifar10.RECORD), np.uint8)
        records[:, 0] %= 10
        made[name] = records.tobytes()
    md5 = {name: hashlib.md5(data).hexdigest() for name, data in made.items()}
    monkeypatch.setattr(cifar10, "PUBLISHED", cifar10.Published(md5=md5, records=RECORDS))
    return made


@pytest.fixture
def folder(files: dict[str, bytes], tmp_path: Path) -> Path:
    """A folder that holds ``cifar-10-batches-bin`` with those files."""
    home = tmp_path / "data"
    (home / cifar10.FOLDER).mkdir(parents=True)
    for name, data in files.items():
        (home / cifar10.FOLDER / name).write_bytes(data)
    return home


@pytest.fixture
def small_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cifar10_twin, "TRAIN", 300)
    monkeypatch.setattr(cifar10_twin, "TEST", 100)
