"""KITTI and Middlebury as published: read exactly, or refused in one sentence with a file's name."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from suite.data import STEREO_PARTS, Pairs, kitti, middlebury, png, prepare, prepared
from suite.data.files import Zip
from suite.data.scenes import places
from suite.errors import InputError

HEIGHT, WIDTH = 6, 60
REAL = Path(os.environ.get("EVENMATCH_DATA", "."))


def encoded(array: np.ndarray, mode: str | None = None) -> bytes:
    image = Image.fromarray(array)
    stream = io.BytesIO()
    (image.convert(mode) if mode else image).save(stream, "PNG")
    return stream.getvalue()


def noise(seed: int, *shape: int, dtype: type = np.uint8, high: int = 256) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, high, shape).astype(dtype)


def kitti_files() -> dict[str, bytes]:
    files = {}
    for home, folders, channels, frames in (
        ("kitti2015", ("image_2", "image_3", "disp_occ_0"), (3,), ("000000", "000007")),
        ("kitti2012", ("image_0", "image_1", "disp_noc"), (), ("000003",)),
    ):
        for number, frame in enumerate(frames):
            shape = (HEIGHT + number, WIDTH)
            for seed, folder in enumerate(folders[:2]):
                files[f"{home}/training/{folder}/{frame}_10.png"] = encoded(noise(seed, *shape, *channels))
                files[f"{home}/training/{folder}/{frame}_11.png"] = b"another frame, which is never read"
            truth = noise(9, *shape, dtype=np.uint16, high=5 * 256)
            files[f"{home}/training/{folders[2]}/{frame}_10.png"] = encoded(truth)
    return files


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return write(tmp_path / "data", kitti_files())


def zipped(home: Path, target: Path) -> Path:
    target.mkdir()
    for here, there in (("kitti2015", "data_scene_flow"), ("kitti2012", "data_stereo_flow")):
        with zipfile.ZipFile(target / f"{there}.zip", "w") as archive:
            for path in sorted((home / here).rglob("*.png")):
                archive.write(path, str(path.relative_to(home / here)))
            archive.writestr("testing/image_0/000000_10.png", b"never read")
    return target


def test_pairs_are_read_as_they_are(home: Path) -> None:
    read = kitti.read(kitti.find(home))
    assert (read.train_pairs, read.test_pairs) == (("2015 000000", "2015 000007"), ("2012 000003",))
    assert read.train_sizes.tolist() == [[HEIGHT, WIDTH], [HEIGHT + 1, WIDTH]]
    assert read.train_left.shape == (2, HEIGHT + 1, WIDTH)
    assert not read.train_left[0, HEIGHT].any()
    assert np.array_equal(read.test_right[0], noise(1, HEIGHT, WIDTH))
    assert np.array_equal(read.test_truth[0], noise(9, HEIGHT, WIDTH, dtype=np.uint16, high=5 * 256))
    colours = noise(0, HEIGHT, WIDTH, 3).astype(float)
    assert abs(read.train_left[0, :HEIGHT] - colours @ [0.299, 0.587, 0.114]).max() <= 0.501


def test_grey_values_are_those_of_the_usual_library(home: Path) -> None:
    colours = noise(0, 50, 50, 3)
    assert np.array_equal(
        png.grey(encoded(colours), "x", png.COLOUR), np.asarray(Image.fromarray(colours).convert("L"))
    )


def test_places_leave_room_for_every_candidate(home: Path) -> None:
    read = kitti.read(home)
    truth, found = read.train_truth.astype(float) / 256, {tuple(place) for place in read.train_positions.tolist()}
    for pair, y, x in np.ndindex(read.train_truth.shape):
        t = truth[pair, y, x]
        fits = t > 0 and x - t - 11 >= 0 and x - t + 11 <= WIDTH - 1
        assert ((pair, y, x) in found) == fits
    assert read.examples == {"train_examples": len(found), "test_examples": len(read.test_positions)}


def test_zip_archives_are_read_without_unpacking(home: Path, tmp_path: Path) -> None:
    archives = zipped(home, tmp_path / "zips")
    assert kitti.find(archives) == archives
    assert kitti.read(archives).sha256() == kitti.read(home).sha256()
    assert kitti.identify(archives) == kitti.identify(home)
    assert kitti.describe(archives) == kitti.describe(home)
    assert len(list(archives.iterdir())) == 2


def test_publishers_own_folder_names_are_known(home: Path) -> None:
    before = kitti.identify(home)
    (home / "kitti2015").rename(home / "data_scene_flow")
    assert kitti.identify(home) == before
    (home / "kitti2012").rename(home / "elsewhere")
    with pytest.raises(InputError, match=r"holds no KITTI 2012: kitti2012/training or data_stereo_flow/training or"):
        kitti.identify(home)
    (home / "data_scene_flow").rename(home / "elsewhere too")
    assert kitti.find(home) is None


@pytest.mark.parametrize("name", [name for name in kitti_files() if name.endswith("_10.png")])
def test_every_missing_file_is_named(home: Path, name: str) -> None:
    (home / name).unlink()
    with pytest.raises(InputError, match=f"holds no image|{name} is missing"):
        kitti.identify(home)
    with pytest.raises(InputError, match=f"holds no image|{name} is missing"):
        kitti.read(home)


LEFT, RIGHT, TRUTH = (f"kitti2015/training/{name}/000007_10.png" for name in ("image_2", "image_3", "disp_occ_0"))
SHAPE = (HEIGHT + 1, WIDTH)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        (LEFT, b"", "is damaged or no PNG image"),
        (LEFT, b"<html>not here</html>", "is damaged or no PNG image"),
        (LEFT, encoded(noise(0, *SHAPE, 3))[:-30], "is damaged or no PNG image"),
        (LEFT, encoded(noise(0, *SHAPE)), "holds 8-bit grey values, not 8-bit colour"),
        (LEFT, encoded(noise(0, *SHAPE, 4)), "holds 8-bit colour with transparency values"),
        (RIGHT, encoded(noise(0, *SHAPE, 3), "P"), "holds 8-bit palette values, not 8-bit colour"),
        (RIGHT, encoded(noise(0, *SHAPE, dtype=np.uint16)), "holds 16-bit grey values, not 8-bit colour"),
        (RIGHT, encoded(noise(0, HEIGHT, WIDTH, 3)), "has 60 x 6 pixels, and .*image_2/000007_10.png 60 x 7"),
        (TRUTH, encoded(noise(0, *SHAPE)), "holds 8-bit grey values, not 16-bit grey"),
        (TRUTH, encoded(noise(0, *SHAPE, 3)), "holds 8-bit colour values, not 16-bit grey"),
        (
            TRUTH,
            encoded(noise(0, *SHAPE[::-1], dtype=np.uint16)),
            "has 7 x 60 pixels, and .* 60 x 7: these are no pair",
        ),
        (TRUTH, encoded(np.zeros(SHAPE, np.uint16)), "holds no known disparity"),
    ],
)
def test_wrong_images_are_one_sentence_with_their_name(home: Path, name: str, data: bytes, words: str) -> None:
    (home / name).write_bytes(data)
    with pytest.raises(InputError, match=rf"{name} {words}") as caught:
        prepare("kitti", source=home, cache=home / "cache")
    assert "\n" not in str(caught.value)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), with_byte=st.integers(1, 255))
def test_a_damaged_byte_is_noticed(place: float, with_byte: int) -> None:
    values = noise(3, HEIGHT, WIDTH)
    data = bytearray(encoded(values))
    data[int(place * len(data))] ^= with_byte
    try:
        found = png.grey(bytes(data), "x.png", png.GREY)
    except InputError as error:
        assert "x.png" in str(error)  # noqa: PT017
        return
    assert np.array_equal(found, values)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:],
    ],
)
def test_a_damaged_archive_is_one_sentence(home: Path, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = zipped(home, tmp_path / "zips") / "data_scene_flow.zip"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match=r"data_scene_flow\.zip is no whole zip archive \(.*\): get it again"):
        kitti.read(path.parent)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), with_byte=st.integers(1, 255))
def test_a_damaged_byte_of_an_archive_is_noticed(tmp_path: Path, place: float, with_byte: int) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("training/a.png", b"some content " * 9)
    data = bytearray(path.read_bytes())
    data[int(place * len(data))] ^= with_byte
    path.write_bytes(data)
    try:
        content = Zip(path).read("training/a.png")
    except InputError as error:
        assert "x.zip" in str(error)  # noqa: PT017
        return
    assert content == b"some content " * 9


def test_files_that_systems_hide_are_no_frames(home: Path) -> None:
    before = kitti.identify(home)
    (home / "kitti2012/training/image_0/._000003_10.png").write_bytes(b"hidden")
    assert kitti.identify(home) == before


def test_images_too_small_for_any_example_are_refused(home: Path) -> None:
    for name in ("image_0", "image_1"):
        (home / f"kitti2012/training/{name}/000003_10.png").write_bytes(encoded(noise(0, HEIGHT, 20)))
    truth = encoded(noise(9, HEIGHT, 20, dtype=np.uint16, high=900) + np.uint16(1))
    (home / "kitti2012/training/disp_noc/000003_10.png").write_bytes(truth)
    with pytest.raises(InputError, match=r"000003_10\.png has no pixel of known disparity that lies far enough"):
        kitti.read(home)


def test_prepared_pairs_are_kept_checked_and_used_again(home: Path, tmp_path: Path) -> None:
    said: list[str] = []
    first = prepare("kitti", source=home, cache=tmp_path / "cache", say=said.append)
    assert (first.kind, first.synthetic, first.name) == ("stereo", False, "kitti")
    assert first.licence is not None
    assert first.pairs().sha256() == first.sha256
    assert sorted(path.stem for path in first.folder.glob("*.npy")) == sorted(STEREO_PARTS)
    record = json.loads((first.folder / "data.json").read_text())
    assert (record["kind"], record["test_pairs"]) == ("stereo", ["2012 000003"])
    assert str(tmp_path) not in json.dumps(record)
    with pytest.raises(TypeError, match="has no labelled images"):
        first.images()
    assert prepare("kitti", source=home, cache=tmp_path / "cache", say=said.append) == first
    assert said == ["Reading KITTI stereo 2015 and 2012."]


@pytest.mark.parametrize("damage", ["bit", "gone", "type", "name", "kind"])
def test_damaged_prepared_pairs_are_made_again(home: Path, tmp_path: Path, damage: str) -> None:
    first = prepare("kitti", source=home, cache=tmp_path / "cache")
    target, record = first.folder / "test_truth.npy", first.folder / "data.json"
    if damage == "bit":
        data = bytearray(target.read_bytes())
        data[-1] ^= 1
        target.write_bytes(data)
    elif damage == "gone":
        target.unlink()
    elif damage == "type":
        np.save(target, np.load(target).astype(np.int32))
    elif damage == "name":
        record.write_text(record.read_text().replace("2012 000003", "2012 000004"))
    else:
        record.write_text(record.read_text().replace('"stereo"', '"images"'))
    said: list[str] = []
    assert prepare("kitti", source=home, cache=tmp_path / "cache", say=said.append) == first
    assert said[0].endswith("is damaged and is made again.")
    assert first.pairs().sha256() == first.sha256


def test_what_was_prepared_before_there_were_kinds_is_used_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = prepare(source=folder, cache=tmp_path / "cache")
    record = json.loads((first.folder / "data.json").read_text())
    del record["kind"]
    (first.folder / "data.json").write_text(json.dumps(record))
    monkeypatch.setattr(prepared, "_make", None)
    said: list[str] = []
    assert prepare(source=folder, cache=tmp_path / "cache", say=said.append) == first
    assert said == []


def test_a_set_without_pairs_and_unlike_arrays_are_mistakes(home: Path, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="has no stereo pairs"):
        prepare(source=folder, cache=tmp_path / "cache").pairs()
    read = kitti.read(home)
    whole = {**read.arrays, "train_pairs": read.train_pairs, "test_pairs": read.test_pairs}
    for wrong in (
        {"train_left": read.train_left[:1]},
        {"test_truth": read.test_truth.astype(np.int32)},
        {"test_sizes": read.test_sizes[:, :1]},
        {"train_positions": read.train_positions[:, :2]},
        {"test_pairs": ()},
    ):
        with pytest.raises(ValueError, match=r"have (to be|0 names)"):
            Pairs(**{**whole, **wrong})  # type: ignore[arg-type]


def middlebury_files() -> dict[str, bytes]:
    files = {}
    for number, name in enumerate(("cones", "teddy", "tsukuba")):
        shape = (HEIGHT, WIDTH + number)
        files |= {f"{name}/im{eye}.png": encoded(noise(eye, *shape, 3)) for eye in (2, 6)}
        levels = noise(7, *shape, high=60)
        files[f"{name}/disp2.png"] = encoded(np.stack([levels] * 3, -1) if number else levels)
    return files


def test_middlebury_has_a_scale_for_each_pair(tmp_path: Path) -> None:
    home = write(tmp_path / "middlebury", middlebury_files())
    assert middlebury.find(tmp_path) == middlebury.find(home) == home
    read = middlebury.read(home)
    assert (read.train_pairs, read.test_pairs) == (("cones", "teddy"), ("tsukuba", "cones", "teddy"))
    for pair, name in enumerate(read.test_pairs):
        width = read.test_sizes[pair, 1]
        levels = noise(7, HEIGHT, width, high=60)
        assert np.array_equal(read.test_truth[pair, :, :width] / 256, levels / {"tsukuba": 16}.get(name, 4))
    coloured = noise(7, HEIGHT, WIDTH + 2, 3, high=60)
    (home / "tsukuba" / "disp2.png").write_bytes(encoded(coloured))
    with pytest.raises(InputError, match=r"tsukuba/disp2\.png holds colours where grey disparities have to be"):
        middlebury.read(home)
    (home / "teddy" / "im6.png").unlink()
    with pytest.raises(InputError, match=r"teddy/im6\.png is missing"):
        middlebury.identify(home)


def test_middlebury_can_not_be_downloaded_and_has_no_stand_in(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"Middlebury stereo is needed and was not found: name its folder with --data\.$"
    ):
        prepare("middlebury", source=None, cache=tmp_path)
    with pytest.raises(InputError, match="holds no Middlebury stereo: a folder with cones, teddy and tsukuba"):
        prepare("middlebury", source=tmp_path, cache=tmp_path)


@given(st.integers(1, 40), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_places_are_in_the_image_whatever_the_disparities(height: int, width: int, seed: int) -> None:
    truth = np.random.default_rng(seed).integers(0, 65536, (height, width)).astype(np.uint16)
    for y, x in places(truth).tolist():
        assert truth[y, x] > 0
        assert 11 <= x - truth[y, x] / 256 <= width - 12


@pytest.mark.skipif("EVENMATCH_DATA" not in os.environ, reason="EVENMATCH_DATA does not name real data")
def test_the_real_sets() -> None:
    read = kitti.read(kitti.find(REAL))
    assert set(map(tuple, read.train_sizes.tolist())) == {(375, 1242)}
    assert 0.1 < (read.train_truth > 0).mean() < 0.3
    assert 20 < read.train_truth.max() / 256 < 228
    small = middlebury.read(middlebury.find(REAL))
    assert small.test_truth[0].max() / 256 < 16
