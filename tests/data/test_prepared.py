from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from suite.data import Images, cifar10, datasets, downloads, prepare, prepared
from suite.errors import InputError

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.usefixtures("small_twin")
def test_without_any_data_the_twin_stands_in_and_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    data = prepare("cifar10", source=None, cache=tmp_path, say=said.append)
    assert (data.name, data.synthetic, data.source) == ("cifar10-twin", True, None)
    assert "synthetic" in data.title
    assert "synthetic" in data.origin
    assert said == ["Making synthetic stand-in for CIFAR-10."]
    assert data.facts() == {
        "name": "cifar10-twin",
        "synthetic": True,
        "sha256": data.images().sha256(),
        "train_examples": 300,
        "test_examples": 100,
    }


def test_a_named_folder_is_used_and_prepared_files_need_only_numpy(folder: Path, tmp_path: Path) -> None:
    data = prepare(source=folder, cache=tmp_path / "cache")
    assert (data.name, data.synthetic, data.source) == ("cifar10", False, folder / cifar10.FOLDER)
    assert (data.train_examples, data.test_examples) == (100, 20)
    assert sorted(path.name for path in data.folder.iterdir()) == [
        "data.json",
        "test_images.npy",
        "test_labels.npy",
        "train_images.npy",
        "train_labels.npy",
    ]
    read = cifar10.read(folder / cifar10.FOLDER)
    for part in ("train_images", "train_labels", "test_images", "test_labels"):
        assert np.array_equal(np.load(data.folder / f"{part}.npy", mmap_mode="r"), getattr(read, part))
    record = json.loads((data.folder / "data.json").read_text())
    assert record["sha256"] == data.sha256 == read.sha256()
    assert str(tmp_path) not in json.dumps(record)


def test_prepared_files_are_used_again_without_parsing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = prepare(source=folder, cache=tmp_path / "cache")
    monkeypatch.setattr(cifar10, "parse", None)
    said: list[str] = []
    assert prepare(source=folder, cache=tmp_path / "cache", say=said.append) == first
    assert said == []


def test_a_named_source_is_checked_each_time(folder: Path, tmp_path: Path) -> None:
    prepare(source=folder, cache=tmp_path / "cache")
    with (folder / cifar10.FOLDER / "data_batch_1.bin").open("r+b") as file:
        file.write(b"\x0b")
    with pytest.raises(InputError, match=r"data_batch_1\.bin is altered"):
        prepare(source=folder, cache=tmp_path / "cache")


@pytest.mark.parametrize("damage", ["bit", "short", "gone", "json", "json-gone", "label"])
def test_damaged_prepared_files_are_made_again(folder: Path, tmp_path: Path, damage: str) -> None:
    first = prepare(source=folder, cache=tmp_path / "cache")
    target = first.folder / ("data.json" if damage.startswith("json") else "train_images.npy")
    if damage.endswith("gone"):
        target.unlink()
    elif damage == "bit":
        data = bytearray(target.read_bytes())
        data[-1] ^= 1
        target.write_bytes(data)
    elif damage == "label":
        np.save(first.folder / "test_labels.npy", np.zeros(20, np.int64))
    else:
        target.write_bytes(target.read_bytes()[:100])
    said: list[str] = []
    assert prepare(source=folder, cache=tmp_path / "cache", say=said.append) == first
    assert said == [f"{first.folder} is damaged and is made again.", "Reading CIFAR-10."]
    assert first.images().sha256() == first.sha256


def test_what_a_killed_process_left_is_removed(folder: Path, tmp_path: Path) -> None:
    first = prepare(source=folder, cache=tmp_path / "cache")
    left = first.folder.with_name(f".{first.folder.name}.part")
    first.folder.rename(left)
    assert prepare(source=folder, cache=tmp_path / "cache") == first
    assert not left.exists()


def test_the_variable_names_data_and_the_option_wins(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVENMATCH_DATA", str(folder))
    assert prepare(source=None, cache=tmp_path / "cache").name == "cifar10"
    monkeypatch.setenv("EVENMATCH_DATA", str(tmp_path / "nowhere"))
    assert prepare(source=folder, cache=tmp_path / "cache").name == "cifar10"
    with pytest.raises(InputError, match=r"nowhere \(named by EVENMATCH_DATA\) does not exist"):
        prepare(source=None, cache=tmp_path / "cache")


def test_a_download_in_the_cache_is_found(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    downloads(cache).mkdir(parents=True)
    (folder / cifar10.FOLDER).rename(downloads(cache) / cifar10.FOLDER)
    assert prepare(source=None, cache=cache).name == "cifar10"


def test_a_source_without_the_data_is_an_error_and_no_stand_in(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\(named by --data\) holds no CIFAR-10: .* or cifar-10-binary\.tar\.gz"):
        prepare(source=tmp_path, cache=tmp_path / "cache")
    (tmp_path / "cifar-10-batches-py").mkdir()
    with pytest.raises(InputError, match="holds the Python version"):
        prepare(source=tmp_path, cache=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


@pytest.mark.usefixtures("small_twin")
def test_the_twin_can_be_asked_for_even_if_there_is_data(folder: Path, tmp_path: Path) -> None:
    assert prepare("cifar10-twin", source=folder, cache=tmp_path / "cache").synthetic


def test_an_unknown_set_names_the_near_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown data set 'cifar-10': did you mean cifar10"):
        prepare("cifar-10", source=None, cache=tmp_path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.usefixtures("small_twin")
def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save = prepared._save

    def full(path: Path, array: NDArray[np.generic]) -> None:
        save(Path("/dev/full") if path.name == "test_images.npy" else path, array)

    monkeypatch.setattr(prepared, "_save", full)
    with pytest.raises(InputError, match="the disk is full: free 2 MB"):
        prepare(source=None, cache=tmp_path)
    assert [path for path in (tmp_path / "prepared").iterdir() if path.is_dir()] == []


@pytest.mark.usefixtures("small_twin")
def test_a_cache_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(InputError, match="cannot be written"):
        prepare(source=None, cache=tmp_path / "cache")


def test_processes_that_prepare_at_once_make_it_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from suite.data import cifar10_twin, prepare; "
        "cifar10_twin.TRAIN = 3000; "
        "print(prepare(source=None, cache=Path(sys.argv[1]), say=print).images().sha256())"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    started = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    outputs = [process.communicate(timeout=120)[0].splitlines() for process in started]
    assert [process.returncode for process in started] == [0, 0, 0]
    assert len({lines[-1] for lines in outputs}) == 1
    assert sorted(len(lines) for lines in outputs) == [1, 1, 2]


@pytest.mark.parametrize("name", datasets())
def test_every_data_set_is_complete(name: str) -> None:
    dataset = datasets()[name]
    assert dataset.name == name
    assert dataset.citation
    assert len(set(dataset.classes)) == len(dataset.classes)
    assert dataset.synthetic == ("synthetic" in dataset.title)
    assert dataset.twin_of is None or (dataset.synthetic and dataset.twin_of in datasets())
    assert all(url.startswith("https://") for archive in dataset.archives for url in archive.urls)
    assert dataset.synthetic or (dataset.needs and dataset.describe)
    assert (dataset.kind == "images") == (dataset.shape is not None) == bool(dataset.classes)


def test_images_know_their_shapes_and_what_they_are() -> None:
    parts = {
        "train_images": np.zeros((3, 4, 4, 3), np.uint8),
        "train_labels": np.zeros(3, np.uint8),
        "test_images": np.zeros((2, 4, 4, 3), np.uint8),
        "test_labels": np.zeros(2, np.uint8),
    }
    base = Images(**parts).sha256()
    assert base == Images(**{name: array.copy() for name, array in parts.items()}).sha256()
    changed = parts["test_images"].copy()
    changed[1, 3, 3, 2] = 1
    assert Images(**{**parts, "test_images": changed}).sha256() != base
    assert Images(**{**parts, "train_images": np.zeros((3, 2, 8, 3), np.uint8)}).sha256() != base
    mistakes: tuple[dict[str, Any], ...] = (
        {"train_images": np.zeros((3, 4, 4, 3), np.float32)},
        {"train_images": np.zeros((3, 3, 4, 4), np.uint8)},
        {"test_labels": np.zeros(3, np.uint8)},
    )
    for wrong in mistakes:
        with pytest.raises(ValueError, match="have to be uint8"):
            Images(**{**parts, **wrong})
