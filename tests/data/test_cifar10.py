from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from suite.data import cifar10
from suite.data.contract import Images
from suite.errors import InputError


def pack(path: Path, files: dict[str, bytes], change: Callable[[tarfile.TarInfo], None] = lambda _info: None) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            change(info)
            archive.addfile(info, io.BytesIO(data))
    return path


def publisher_like(files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{cifar10.FOLDER}/{name}": data for name, data in reversed(files.items())}


def expected(files: dict[str, bytes]) -> Images:
    """The same by a slow, obvious way: one pixel after the other."""
    count = len(next(iter(files.values()))) // 3073
    images, labels = np.empty((6 * count, 32, 32, 3), np.uint8), np.empty(6 * count, np.uint8)
    stream = io.BytesIO(b"".join(files.values()))
    for i in range(6 * count):
        labels[i] = stream.read(1)[0]
        for channel in range(3):
            for row in range(32):
                images[i, row, :, channel] = list(stream.read(32))
    return Images(
        train_images=images[: 5 * count],
        train_labels=labels[: 5 * count],
        test_images=images[5 * count :],
        test_labels=labels[5 * count :],
    )


def test_finds_the_folder_from_above_or_itself_and_the_archive(folder: Path, tmp_path: Path) -> None:
    assert cifar10.find(folder) == folder / cifar10.FOLDER
    assert cifar10.find(folder / cifar10.FOLDER) == folder / cifar10.FOLDER
    archive = tmp_path / cifar10.ARCHIVE.name
    archive.write_bytes(b"")
    assert cifar10.find(tmp_path) == archive
    assert cifar10.find(archive) == archive
    assert cifar10.find(tmp_path / "nowhere") is None


def test_folder_and_archive_give_the_publishers_images(folder: Path, files: dict[str, bytes], tmp_path: Path) -> None:
    wanted = expected(files).sha256()
    assert cifar10.read(folder / cifar10.FOLDER).sha256() == wanted
    archive = pack(tmp_path / "packed-anew.tar.gz", {"./readme": b"hello", **publisher_like(files)})
    assert cifar10.read(archive).sha256() == wanted
    assert cifar10.identify(archive) == cifar10.identify(folder / cifar10.FOLDER)
    assert str(tmp_path) not in cifar10.describe(archive) + cifar10.describe(folder)


@pytest.mark.parametrize("use", [cifar10.identify, cifar10.read])
def test_names_a_missing_file_and_its_md5(folder: Path, use: Callable[[Path], object]) -> None:
    (folder / cifar10.FOLDER / "data_batch_3.bin").unlink()
    with pytest.raises(
        InputError, match=rf"data_batch_3\.bin is missing .*{cifar10.PUBLISHED.md5['data_batch_3.bin']}"
    ):
        use(folder / cifar10.FOLDER)


@pytest.mark.parametrize("use", [cifar10.identify, cifar10.read])
def test_names_an_altered_file_with_both_md5s(
    folder: Path, files: dict[str, bytes], use: Callable[[Path], object]
) -> None:
    altered = files["test_batch.bin"][:-1] + bytes([files["test_batch.bin"][-1] ^ 1])
    (folder / cifar10.FOLDER / "test_batch.bin").write_bytes(altered)
    found, right = hashlib.md5(altered).hexdigest(), cifar10.PUBLISHED.md5["test_batch.bin"]
    with pytest.raises(InputError, match=rf"test_batch\.bin is altered; expected md5 {right}, found {found}"):
        use(folder / cifar10.FOLDER)


@pytest.mark.parametrize("length", [0, 1, 3073, 20 * 3073 - 1])
def test_names_a_truncated_file_with_sizes_and_md5s(folder: Path, files: dict[str, bytes], length: int) -> None:
    data = files["data_batch_2.bin"][:length]
    (folder / cifar10.FOLDER / "data_batch_2.bin").write_bytes(data)
    found = hashlib.md5(data).hexdigest()
    with pytest.raises(InputError, match=rf"data_batch_2\.bin is truncated: {length} bytes, not 61460; .*{found}"):
        cifar10.identify(folder / cifar10.FOLDER)


def test_names_a_file_that_is_too_long(folder: Path, files: dict[str, bytes]) -> None:
    longer = files["data_batch_2.bin"] + b"x" * 5000
    (folder / cifar10.FOLDER / "data_batch_2.bin").write_bytes(longer)
    found = hashlib.md5(longer).hexdigest()
    with pytest.raises(InputError, match=rf"data_batch_2\.bin is longer than 61460 bytes; .*found {found}"):
        cifar10.identify(folder / cifar10.FOLDER)


def test_a_folder_in_a_files_place_is_one_sentence(folder: Path) -> None:
    (folder / cifar10.FOLDER / "data_batch_2.bin").unlink()
    (folder / cifar10.FOLDER / "data_batch_2.bin").mkdir()
    with pytest.raises(InputError, match=r"data_batch_2\.bin cannot be read"):
        cifar10.identify(folder / cifar10.FOLDER)


def test_refuses_members_elsewhere_links_and_devices(files: dict[str, bytes], tmp_path: Path) -> None:
    members = publisher_like(files)
    victim = tmp_path / "victim"
    for evil in (f"../{cifar10.FOLDER}/test_batch.bin", f"/{cifar10.FOLDER}/test_batch.bin", f"{cifar10.FOLDER}/../x"):
        without = {name: data for name, data in members.items() if not name.endswith("test_batch.bin")}
        archive = pack(tmp_path / "evil.tar.gz", {evil: files["test_batch.bin"], **without})
        with pytest.raises(InputError, match=r"has no cifar-10-batches-bin/test_batch\.bin"):
            cifar10.read(archive)
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE):

        def change(info: tarfile.TarInfo, kind: bytes = kind) -> None:
            if info.name.endswith("test_batch.bin"):
                info.type, info.linkname, info.size = kind, str(victim), 0

        archive = pack(tmp_path / "evil.tar.gz", members, change)
        with pytest.raises(InputError, match=r"its member cifar-10-batches-bin/test_batch\.bin is no file"):
            cifar10.read(archive)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evil.tar.gz"]


def test_an_altered_member_is_named(files: dict[str, bytes], tmp_path: Path) -> None:
    members = publisher_like({**files, "data_batch_5.bin": b"x" + files["data_batch_5.bin"][1:]})
    with pytest.raises(InputError, match=r"data_batch_5\.bin is altered; expected md5"):
        cifar10.identify(pack(tmp_path / "altered.tar.gz", members))


def test_a_huge_member_and_an_unpacking_bomb_are_refused(
    files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    huge = pack(tmp_path / "huge.tar.gz", publisher_like({**files, "test_batch.bin": bytes(100_000)}))
    with pytest.raises(InputError, match="is no file of the right size"):
        cifar10.identify(huge)
    monkeypatch.setattr(cifar10, "UNPACKED_LIMIT", 1_000_000)
    bomb = pack(tmp_path / "bomb.tar.gz", {"filler": bytes(5_000_000), **publisher_like(files)})
    with pytest.raises(InputError, match="unpacks to over 1000000 bytes"):
        cifar10.identify(bomb)


def test_a_truncated_archive_and_no_archive_at_all(files: dict[str, bytes], tmp_path: Path) -> None:
    whole = pack(tmp_path / "whole.tar.gz", publisher_like(files)).read_bytes()
    for name, data in {
        "half.tar.gz": whole[: len(whole) // 2],
        "empty.tar.gz": b"",
        "text.tar.gz": b"<html>not here</html>",
        "zip.tar.gz": gzip.compress(b"no tar" * 1000),
    }.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(InputError, match=rf"{name} is no whole tar\.gz .*{hashlib.md5(data).hexdigest()}"):
            cifar10.identify(tmp_path / name)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), with_byte=st.integers(1, 255), tail=st.booleans())
def test_a_damaged_archive_is_right_or_refused(
    files: dict[str, bytes], tmp_path: Path, place: float, with_byte: int, tail: bool
) -> None:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name, data in publisher_like(files).items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    raw = bytearray(plain.getvalue())
    # half of the damage goes into a tar header, where it is most surprising
    raw[int(place * len(raw)) if tail else int(place * 512)] ^= with_byte
    path = tmp_path / "damaged.tar.gz"
    path.write_bytes(gzip.compress(bytes(raw), 1))
    try:
        images = cifar10.read(path)
    except InputError:
        return
    assert images.sha256() == expected(files).sha256()


@given(st.binary(max_size=3 * cifar10.RECORD))
def test_any_bytes_are_records_or_an_input_error(data: bytes) -> None:
    try:
        labels, images = cifar10.parse(data, "x.bin")
    except InputError as error:
        assert len(data) % 3073 or any(label > 9 for label in data[::3073])
        assert "x.bin" in str(error)  # noqa: PT017
        return
    assert len(labels) == len(images) == len(data) // 3073


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2**32 - 1)), max_size=4))
def test_records_come_back_exactly(records: list[tuple[int, int]]) -> None:
    data = b"".join(bytes([label]) + np.random.RandomState(seed).bytes(3072) for label, seed in records)
    labels, images = cifar10.parse(data, "x.bin")
    again = [bytes([label]) + image.transpose(2, 0, 1).tobytes() for label, image in zip(labels, images, strict=True)]
    assert b"".join(again) == data


@pytest.mark.skipif("EVENMATCH_DATA" not in os.environ, reason="EVENMATCH_DATA does not name real data")
def test_the_real_set() -> None:
    source = cifar10.find(REAL)
    assert source is not None
    assert cifar10.identify(source).startswith("cifar10 5dd7e06a")
    images = cifar10.read(source)
    assert images.train_images.shape == (50_000, 32, 32, 3)
    assert np.bincount(images.train_labels).tolist() == [5000] * 10
    assert np.bincount(images.test_labels).tolist() == [1000] * 10
    assert images.train_labels[:5].tolist() == [6, 9, 9, 4, 1]  # frog, truck, truck, deer, automobile
    assert images.train_images[0, 0, 0].tolist() == [59, 62, 63]
    # mean and deviation per channel as they are commonly published
    mean = images.train_images.mean((0, 1, 2)) / 255
    assert mean == pytest.approx([0.4914, 0.4822, 0.4465], abs=1e-4)


REAL = Path(os.environ.get("EVENMATCH_DATA", "."))
