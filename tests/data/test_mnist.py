"""MNIST's files: found, checked, read, or refused in one sentence."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.data import mnist
from suite.errors import InputError

REAL = Path(os.environ.get("EVENMATCH_DATA", "."))
COUNT = 7


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Four small IDX files, which the reader takes for the published ones."""
    random, made, published = np.random.RandomState(0), {}, {}
    for name, real in mnist.PUBLISHED.items():
        lengths = [COUNT, 28, 28][: real.axes]
        values = random.randint(0, 256 if real.axes == 3 else 10, lengths).astype(np.uint8)
        header = bytes([0, 0, 8, real.axes]) + b"".join(length.to_bytes(4, "big") for length in lengths)
        made[name] = header + values.tobytes()
        published[name] = replace(real, records=COUNT, unpacked=hashlib.md5(made[name]).hexdigest())
    monkeypatch.setattr(mnist, "PUBLISHED", published)
    return made


@pytest.fixture
def folder(files: dict[str, bytes], tmp_path: Path) -> Path:
    (tmp_path / "MNIST" / "raw").mkdir(parents=True)
    for name, data in files.items():
        (tmp_path / "MNIST" / "raw" / f"{name}.gz").write_bytes(gzip.compress(data, mtime=0))
    return tmp_path


@pytest.mark.parametrize("place", [".", "MNIST", "MNIST/raw"])
def test_is_found_from_above_or_itself(folder: Path, place: str) -> None:
    found = mnist.find(folder / place)
    assert found is not None
    assert found.resolve() == folder / "MNIST" / "raw"
    assert mnist.find(folder / "elsewhere") is None


def test_gives_the_publishers_images_gzipped_or_not(folder: Path, files: dict[str, bytes]) -> None:
    home = folder / "MNIST" / "raw"
    images = mnist.read(home)
    train = next(iter(files.values()))
    assert images.train_images.shape == (COUNT, 28, 28, 1)
    assert images.train_images[2, 3, 4, 0] == train[16 + 2 * 784 + 3 * 28 + 4]
    assert images.test_labels.tolist() == list(files["t10k-labels-idx1-ubyte"][8:])
    identity, whole = mnist.identify(home), images.sha256()
    assert mnist.describe(home).startswith("the publisher's gzipped IDX files")
    for name, data in files.items():
        (home / f"{name}.gz").unlink()
        (home / name).write_bytes(data)
    assert mnist.read(home).sha256() == whole
    assert mnist.identify(home) == identity
    assert mnist.describe(home).startswith("the publisher's unpacked IDX files")
    assert str(folder) not in mnist.describe(home)


def cut(data: bytes) -> bytes:
    return data[:-20]


def alter(data: bytes) -> bytes:
    plain = bytearray(gzip.decompress(data))
    plain[100] ^= 1
    return gzip.compress(bytes(plain))


def shorten(data: bytes) -> bytes:
    return gzip.compress(gzip.decompress(data)[:-1])


def lengthen(data: bytes) -> bytes:
    return gzip.compress(gzip.decompress(data) + b"x" * 999)


@pytest.mark.parametrize("use", [mnist.identify, mnist.read])
@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (cut, r"is no whole gzip file \(it ends too early\)"),
        (lambda _data: b"<html>", "is no whole gzip file"),
        (alter, "is altered unpacked"),
        (shorten, "has 5503 bytes, not 5504 unpacked"),
        (lengthen, "has more than 5504 bytes unpacked"),
    ],
)
def test_damage_is_named_with_both_md5s(
    folder: Path, use: Callable[[Path], object], damage: Callable[[bytes], bytes], words: str
) -> None:
    path = folder / "MNIST" / "raw" / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(damage(path.read_bytes()))
    right, found = mnist.PUBLISHED["t10k-images-idx3-ubyte"].gzipped, hashlib.md5(path.read_bytes()).hexdigest()
    with pytest.raises(InputError, match=rf"t10k-images-idx3-ubyte\.gz {words}.*: expected md5 {right}, found {found}"):
        use(path.parent)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "MNIST" / "raw" / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(InputError, match=r"train-labels-idx1-ubyte\.gz is missing \(expected md5 d53e105e"):
        mnist.read(folder / "MNIST" / "raw")


@given(st.binary(max_size=40))
def test_any_bytes_are_labels_or_an_input_error(data: bytes) -> None:
    expected = mnist.Published(gzipped="", size=0, unpacked="", records=3, axes=1)
    for content in (data, bytes([0, 0, 8, 1, 0, 0, 0, 3]) + data):
        try:
            labels = mnist.parse(content, expected, "x")
        except InputError as error:
            assert "x " in str(error)  # noqa: PT017
            continue
        assert labels.tolist() == list(content[8:])
        assert len(labels) == 3


def test_what_is_offered_is_what_is_read() -> None:
    assert [archive.name.removesuffix(".gz") for archive in mnist.ARCHIVES] == list(mnist.PUBLISHED)
    assert all(url.endswith(f"/{archive.name}") for archive in mnist.ARCHIVES for url in archive.urls)
    assert all(archive.md5 and archive.size for archive in mnist.ARCHIVES)


@pytest.mark.skipif("EVENMATCH_DATA" not in os.environ, reason="EVENMATCH_DATA does not name real data")
def test_the_real_set() -> None:
    source = mnist.find(REAL)
    assert source is not None
    images = mnist.read(source)
    assert images.train_images.shape == (60_000, 28, 28, 1)
    assert images.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert images.train_images.mean() / 255 == pytest.approx(0.1307, abs=1e-4)
    assert images.train_images.std() / 255 == pytest.approx(0.3081, abs=1e-4)
