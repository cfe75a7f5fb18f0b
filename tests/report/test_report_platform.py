"""Device, containers, platform and GPU in the report; results from before they were recorded still render."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from page import Page, read
from rich.console import Console

from suite import home, report, tables, verified
from suite.analysis import analyse, load_passports, load_run
from suite.records import Record
from tests.rawfactory import blocks, changed, contained, gpu_state, on_gpu, passports, plan_of, raw

GOLDEN = Path(__file__).with_name("golden_gpu.html")
SENTENCE = "tensorflow-macos 2.16.2 in place of tensorflow 2.21.0, because tensorflow-metal ends there"
NATIVE: Record = {"device": "cpu", "container": None, "other_versions": []}
SMOKE = NATIVE | {"profile": "cuda", "machine__identity__gpus": []}
GPU_PLAN = {"profile": "cuda", "platform": {"title": "x86-64 Linux with an NVIDIA GPU", "accelerator": "cuda"}}


def rendered(folder: Path, raws: list[Record], **plan: Any) -> Page:
    planned = changed(plan_of(raws), plan)
    analysis = analyse(raws, planned, passports(raws))
    return read(report.render(folder, analysis, raws, planned).read_text(encoding="utf-8"))


def facts(page: Page, title: str) -> dict[str, str]:
    """Return label and value of the block of facts under a title."""
    headings = [element.text for element in page.having("facts")]
    assert any(text.strip().startswith(title) for text in headings), title
    names, values = page.all("dt"), page.all("dd")
    return {name.text: " ".join(value.text.split()) for name, value in zip(names, values, strict=True)}


def test_a_gpu_profile_on_the_processor_is_marked_everywhere(tmp_path: Path) -> None:
    page = rendered(tmp_path, blocks(6, **SMOKE), **GPU_PLAN)
    (banner,) = (element for element in page.having("banner") if "No GPU result." in element.text)
    assert "header" in banner.path
    assert "for an NVIDIA GPU (CUDA), and these runs computed on the processor" in banner.text
    assert page.all("title")[0].text.startswith("NO GPU RESULT: ")
    verdicts = [element.text for element in page.all("h2") if "article" in element.path]
    assert verdicts
    assert all("on the processor, no GPU result" in text for text in verdicts)
    times = [element.text for element in page.all("caption") if "time per" in element.text]
    assert times
    assert all("on the processor, no GPU result" in text for text in times)
    assert facts(page, "Platform")["computed on"] == "processor; on the processor, no GPU result"
    assert "Not a fair comparison" in page.text


def test_the_terminal_marks_it_too() -> None:
    raws = blocks(6, **SMOKE)
    screen = io.StringIO()
    tables.print_comparisons(Console(file=screen, width=160, no_color=True), analyse(raws, plan_of(raws, **GPU_PLAN)))
    assert screen.getvalue().startswith("On the processor, no GPU result: a smoke run.")
    assert "cifar10-cnn3x3, step, batch 32, on the processor, no GPU result" in screen.getvalue()


@pytest.mark.parametrize("same", [NATIVE, {}], ids=["now", "before devices were recorded"])
def test_a_processor_s_profile_is_not_marked(same: Record, tmp_path: Path) -> None:
    page = rendered(tmp_path, blocks(6, **same))
    assert "No GPU result" not in page.text
    assert facts(page, "Platform")["computed on"] == "processor"
    assert "linux-cpu" in facts(page, "Platform")["profile"]
    assert not [element for element in page.having("facts") if element.text.strip().startswith("Containers")]


def test_containers_are_shown_whole(tmp_path: Path) -> None:
    limits = {"quota_cores": 2.0, "cpuset": "0-1", "memory_bytes": 8 * 2**30}
    shown = facts(rendered(tmp_path, blocks(6, **NATIVE | {"container": contained(), "limits": limits})), "Containers")
    assert shown["image, PyTorch"] == "evenmatch/linux-cpu:0123 (1 210 MB, sha256:1mage)"
    assert shown["base image"] == "evenmatch-base:12, a local image without a digest, sha256:ba5e"
    assert shown["engine"] == "Docker Engine - Community 29.1.0, API 1.52, control groups 2, storage overlay2"
    assert shown["limits"] == "2 cores (processors 0, 1), 8 GiB of memory, no network, root read-only"
    assert shown["limits that workers saw"] == "2 cores (processors 0-1), 8 GiB of memory"
    assert shown["ran"] == "in containers"


def test_a_base_from_a_registry_has_its_digest(tmp_path: Path) -> None:
    pinned = contained(image__base__digest="python@sha256:0123", engine__rootless=True, engine__engine="Engine")
    shown = facts(rendered(tmp_path, blocks(6, **NATIVE | {"container": pinned})), "Containers")
    assert shown["base image"] == "evenmatch-base:12, digest python@sha256:0123"
    assert shown["engine"] == "Docker Engine 29.1.0, API 1.52, control groups 2, storage overlay2, rootless"
    assert "limits that workers saw" not in shown


def test_both_venues_of_one_run_are_named(tmp_path: Path) -> None:
    inside = [raw("pytorch", b, **NATIVE | {"container": contained(), "probe": "in-container"}) for b in range(6)]
    shown = facts(rendered(tmp_path, [*blocks(6, **NATIVE), *inside]), "Containers")
    assert shown["ran"] == "natively, on the machine itself and in containers"


def test_what_a_platform_has_instead_and_how_far_it_was_tried(tmp_path: Path) -> None:
    metal = NATIVE | {"profile": "macos-arm", "device": "metal", "settings__device": "mps:0"}
    shown = facts(
        rendered(tmp_path, blocks(6, **metal | {"other_versions": [SENTENCE]}), profile="macos-arm"), "Platform"
    )
    assert shown["other version than elsewhere"] == SENTENCE
    assert shown["computed on"] == "Apple GPU (Metal)"
    assert shown["device"] == "Apple GPU (Metal)"
    assert shown["tried by the authors of this suite"].startswith(verified.load()["macos-arm"].sentence)


def a_gpu_s_runs() -> list[Record]:
    hot = gpu_state(temperature_c=61.0, power_w=431.0)
    same = {"container": contained(), "other_versions": [], "machine__after__gpu_state": [hot]}
    build = {"pytorch": "CUDA 13.0", "tensorflow": "CUDA 12.5", "keras": "CUDA 12.5"}
    return [
        on_gpu(framework, block, settings__build_accelerator=build[framework], **same)
        for block in range(6)
        for framework in build
    ]


def test_a_run_on_a_gpu(tmp_path: Path) -> None:
    page = rendered(tmp_path, a_gpu_s_runs(), **GPU_PLAN)
    shown = facts(page, "GPU during the runs")
    assert shown["temperature"] == "48 to 61 °C"
    assert "431" in shown["power right after a run"]
    assert shown["error correction of its memory"] == "Enabled"
    assert shown["CUDA of PyTorch"] == "13.0"
    assert shown["GPUs"] == "NVIDIA H200 (140.4 GiB, driver 580.95.05)"
    assert shown["device"] == "NVIDIA GPU (CUDA)"
    assert "No GPU result" not in page.text


def test_golden_environment_of_a_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """EVENMATCH_GOLDEN=write pytest tests/report writes the file anew; look at it as a picture before committing it."""
    tried = verified.Verified(level="smoke-run", date="2026-11-21")  # whatever level the profile has got to
    monkeypatch.setattr(verified, "load", lambda: {"cuda": tried})
    rendered(tmp_path, a_gpu_s_runs(), **GPU_PLAN)
    html = (tmp_path / report.NAME).read_text(encoding="utf-8")
    section = html[html.index('<section id="environment">') :].split("</section>")[0] + "</section>\n"
    if os.environ.get("EVENMATCH_GOLDEN") == "write":
        GOLDEN.write_text(section, encoding="utf-8")
    assert section == GOLDEN.read_text(encoding="utf-8")


def test_the_example_from_before_all_this_still_renders(tmp_path: Path) -> None:
    example = home.ROOT / "reports" / "example"
    plan, raws = load_run(example)
    for record in raws:
        for field in ("device", "container", "other_versions", "limits"):
            record.pop(field, None)
    old = {key: value for key, value in (plan or {}).items() if key not in ("device", "venue", "platform")}
    analysis = json.loads(json.dumps(analyse(raws, old, load_passports(example))))
    page = read(report.render(tmp_path, analysis, raws, old).read_text(encoding="utf-8"))
    assert page.faults == []
    assert facts(page, "Platform")["computed on"] == "processor"
    unfair = {note["id"] for note in analysis["notes"] if note["severity"] == "unfair"}
    assert not unfair
