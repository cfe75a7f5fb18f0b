"""The section on stereo matching: the study's times and error rates, and the pictures of one pair."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import leftover
import numpy as np
import pytest
from page import read
from PIL import Image
from sample import small
from test_report_parts import tables

from suite import baseline
from suite.report import raster, render, stereo, stereopictures
from suite.report.document import Cell, Fold, Gallery, Section, Table, Text
from suite.report.material import Material

LIMIT = 600_000
GOLDEN = Path(__file__).parent / "golden_stereo.html"


def made(folder: Path, *, synthetic: bool = True, beats: bool = True) -> tuple[Material, Section]:
    analysis, raws, plan = leftover.matched(folder, synthetic=synthetic, beats=beats)
    material = Material(folder=folder, analysis=analysis, raws=raws, plan=plan)
    (section,) = stereo.sections(material)
    return material, section


def by_row(table: Table) -> dict[str, list[Cell]]:
    return {row[0].text: row[1:] for row in table.rows}


def plain(words: str) -> str:
    return words.replace("\u202f", " ")


def opened(png: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(png))
    return np.asarray(image.convert("RGB") if image.mode == "P" else image)


def pictured(section: Section) -> tuple[Gallery, Gallery]:
    pair, maps = (block for block in section.blocks if isinstance(block, Gallery))
    return pair, maps


def test_a_run_without_stereo_has_no_such_section(tmp_path: Path) -> None:
    analysis, raws, plan = small().write(tmp_path)
    assert stereo.sections(Material(folder=tmp_path, analysis=analysis, raws=raws, plan=plan)) == []


def test_four_times_with_their_ratios_and_the_studys(tmp_path: Path) -> None:
    _, section = made(tmp_path)
    times, _ = tables(section)[:2]
    found = by_row(times)
    assert [column.title for column in times.columns][1:5] == list(stereo.HEADS)
    assert [plain(cell.text) for cell in found["PyTorch (eager)"]] == ["7.82 s", "3.91 s", "10.0 ms", "500 ms", "1"]
    assert {cell.remark for cell in found["PyTorch (eager)"]} == {""}
    assert [cell.remark for cell in found["TensorFlow (function)"][:4]] == [
        "1.20 of PyTorch’s\nstudy: 1.29",
        "1.20 of PyTorch’s\nstudy: 1.30",
        "1.20 of PyTorch’s\nstudy: 1.29",
        "1.20 of PyTorch’s\nstudy: 2.27",
    ]
    assert [cell.remark for cell in found["Keras (fit)"][:4]] == ["1.40 of PyTorch’s"] * 4
    printed = found["TensorFlow, as the study printed it"]
    assert [plain(cell.text) for cell in printed] == ["21 h 57 min", "1 h 32 min", "1.12 ms", "2.67 s", "–"]
    assert {cell.tone for cell in printed[:4]} == {"muted"}
    assert any("GTX 1070 Ti" in line for line in times.foot)


def test_error_rates_beside_block_matching_and_the_study(tmp_path: Path) -> None:
    _, section = made(tmp_path)
    _, errors = tables(section)[:2]
    found = by_row(errors)
    assert [column.title for column in errors.columns][1:3] == ["One image (000000_10)", "Whole set (2 pairs)"]
    assert plain(found["Block matching, 9 × 9"][0].text) == "30.00 %"
    assert [plain(cell.text) for cell in found["PyTorch, as the study printed it"]] == ["11.68 %", "17.88 %", "–"]
    rates = [float(plain(found[name][0].text).removesuffix(" %")) for name in list(found)[:3]]
    assert rates == sorted(rates)
    assert rates[1] - rates[0] == pytest.approx(100 * 10 * (12 - 4) / 6240, abs=0.02)
    assert {cell.tone for row in list(found.values())[:3] for cell in row} == {""}
    assert errors.synthetic
    assert errors.foot[0].startswith("Disparities 0 to 227.")


def test_a_network_that_does_not_beat_block_matching_is_marked(tmp_path: Path) -> None:
    _, section = made(tmp_path, beats=False)
    cells = by_row(tables(section)[1])["Keras (fit)"]
    assert [cell.tone for cell in cells] == ["bad", "bad", ""]
    assert cells[0].remark == "✗\u00a0not below block matching’s"


def test_each_pair_is_there_for_those_who_want_it(tmp_path: Path) -> None:
    _, section = made(tmp_path)
    (fold,) = (block for block in section.blocks if isinstance(block, Fold))
    rows = by_row(fold.tables[0])
    assert list(rows) == ["000000_10", "000001_10"]
    assert [plain(cell.text) for cell in rows["000001_10"]][::4] == ["6 000", "30.00 %"]


def test_pictures_of_the_pair_come_in_the_order_that_one_looks_at_them(tmp_path: Path) -> None:
    _, section = made(tmp_path)
    pair, maps = pictured(section)
    assert [picture.caption.partition(",")[0] for picture in pair.pictures] == [
        "Left image",
        "Ground truth",
        *(
            f"{name}: {what}"
            for name in ("PyTorch (eager)", "TensorFlow (function)", "Keras (fit)", "Block matching")
            for what in ("disparities", "errors")
        ),
    ]
    assert [picture.caption for picture in maps.pictures] == ["The part", "after conv1", "after conv4"]
    assert all(picture.synthetic for picture in [*pair.pictures, *maps.pictures])
    assert all(picture.description for picture in [*pair.pictures, *maps.pictures])


def test_pictures_show_what_the_arrays_say(tmp_path: Path) -> None:
    _, section = made(tmp_path)
    pair, _ = pictured(section)
    left, truth, disparities, errors = (opened(picture.png) for picture in pair.pictures[:4])
    assert np.abs(left.astype(int) - leftover.scene()[0].astype(int)).max() <= 5
    assert (truth[:12] == raster.UNKNOWN).all()
    assert (truth[20:45, 50:90] == raster.scale()[-1]).all()  # the near square has the largest disparity
    assert (disparities[:12, 10:] == disparities[50, 10]).all()  # what was found where nothing is known is shown
    assert (errors[:12] == stereopictures.ERRORS[0]).all()
    assert (errors[30:40, 60:64] == stereopictures.ERRORS[3]).all()  # 7 in place of 18
    assert (errors[20:30, 50:90] == stereopictures.ERRORS[1]).all()
    assert (errors[12:, 0] == stereopictures.ERRORS[3]).all()  # 0 in place of 4
    assert (errors[12:, 2] == stereopictures.ERRORS[2]).all()  # 2 in place of 4


def test_large_images_are_made_smaller_without_inventing_anything(tmp_path: Path) -> None:
    drawing = stereopictures._Drawing(truth=np.full((9, 1300), np.nan), high=10.0, widest=640, synthetic=False)
    values = np.full((9, 1300), np.nan)
    values[4, 7] = 5.0  # the only pixel that is known in its square
    found = drawing.first(values, np.isfinite(values))
    assert found.shape == (3, 433)
    assert found[1, 2] == 5.0
    assert np.isnan(found).sum() == 3 * 433 - 1
    assert drawing.mean(np.arange(9 * 1300.0).reshape(9, 1300))[0, 0] == np.mean(
        [0, 1, 2, 1300, 1301, 1302, 2600, 2601, 2602]
    )


def test_a_map_of_another_pair_or_an_altered_one_is_left_out(tmp_path: Path) -> None:
    material, _ = made(tmp_path)
    (tmp_path / baseline.MAP).write_bytes(b"other")
    (section,) = stereo.sections(material)
    assert not any("Block matching" in picture.caption for picture in pictured(section)[0].pictures)


def test_missing_files_are_told_and_the_tables_stay(tmp_path: Path) -> None:
    material, _ = made(tmp_path)
    for raw in material.raws:
        (tmp_path / raw["pictures"]["file"]).unlink()
    (section,) = stereo.sections(material)
    assert len(tables(section)) == 2
    assert sum("are left out" in block.text for block in section.blocks if isinstance(block, Text)) == 3


def test_without_a_baseline_it_is_said(tmp_path: Path) -> None:
    material, _ = made(tmp_path)
    material.analysis["stereo"]["baseline"] = None
    (section,) = stereo.sections(material)
    assert stereo.NO_BASELINE in [block.text for block in section.blocks if isinstance(block, Text)]
    assert "Block matching, 9 × 9" not in by_row(tables(section)[1])


def test_kittis_pictures_carry_its_terms_and_no_mark(tmp_path: Path) -> None:
    _, section = made(tmp_path, synthetic=False)
    for gallery in pictured(section):
        assert gallery.caption.endswith("KITTI is under CC BY-NC-SA 3.0: name its authors. Menze and Geiger, 2015.")
        assert not any(picture.synthetic for picture in gallery.pictures)


def test_the_page_is_small_and_whole(tmp_path: Path) -> None:
    material, _ = made(tmp_path)
    html = render(tmp_path, material.analysis, material.raws, material.plan).read_text(encoding="utf-8")
    page = read(html)
    assert page.faults == []
    section = html[html.index('<section id="stereo">') :].partition("</section>")[0]
    assert len(section) < LIMIT
    images = read(section).all("img")
    assert all((image.attributes["src"] or "").startswith("data:image/png;base64,") for image in images)
    assert sum(image.attributes["alt"] == "" for image in images) == 5  # the strips of colours say nothing more
    assert "http" not in html


def test_golden(tmp_path: Path) -> None:
    """The markup of both sections, apart from the pixels; EVENMATCH_GOLDEN=write writes the file anew."""
    material, _ = made(tmp_path)
    html = render(tmp_path, material.analysis, material.raws, material.plan).read_text(encoding="utf-8")
    start, end = (html.index(f'<section id="{name}">') for name in ("stereo", "pictures"))
    assert start < end
    found = html[start : html.index("</section>", end) + len("</section>\n")]
    found = re.sub(r"base64,[A-Za-z0-9+/=]+", "base64,...", found)
    if os.environ.get("EVENMATCH_GOLDEN") == "write":
        GOLDEN.write_text(found, encoding="utf-8")
    assert found == GOLDEN.read_text(encoding="utf-8")
