"""What others build on: the files of a run's folder and their fields (the issue's "Fixed names")."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

RAW = {
    *("schema", "run", "preset", "cell", "profile", "workload", "framework", "mode", "lane", "params", "block"),
    *("position", "seed", "status", "reason", "exit_code", "log", "log_tail", "started_at", "wall_s", "data"),
    *("environment", "lock_sha256", "code_sha256", "machine"),
}
MEASURED = {
    *("parameter_count", "settings", "phases", "steps", "epochs", "peak_rss_bytes", "cpu_s", "layers", "inputs"),
    "versions",
}
PHASES = {"import", "build", "data", "first_step", "warmup", "steady", "evaluation"}
COMPARISON = {"workload", "params", "a", "b", "ratio", "low", "high", "runs", "verdict"}


def results(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the raw results by their file's stem."""
    return {path.stem: json.loads(path.read_text()) for path in sorted((folder / "raw").glob("*.json"))}


def unfinished(folder: Path) -> list[Path]:
    """Return what should not be left behind."""
    return [*folder.rglob("*.part"), *(folder / "jobs").glob("*")]


def check(folder: Path) -> None:
    """Check a whole folder; every planned run has to be there."""
    plan = json.loads((folder / "plan.json").read_text())
    raws = results(folder)
    assert plan["schema"] == 1
    assert set(raws) == {run["name"] for run in plan["runs"]}
    assert unfinished(folder) == []
    for run in plan["runs"]:
        raw = raws[run["name"]]
        shared = ("cell", "workload", "framework", "mode", "params", "block", "position", "seed")
        assert {key: raw[key] for key in shared} == {key: run[key] for key in shared}
        check_raw(folder, raw, plan)
    check_analysis(json.loads((folder / "analysis.json").read_text()))
    assert (folder / "report.html").read_text().lower().startswith("<!doctype html>")


def check_raw(folder: Path, raw: dict[str, Any], plan: dict[str, Any]) -> None:
    """Check one raw result against the fixed names."""
    assert raw.keys() >= RAW
    assert raw["schema"] == 1
    assert raw["status"] in ("ok", "failed", "timeout", "killed")
    assert raw["data"].keys() >= {"name", "synthetic", "sha256"}
    assert raw["data"]["sha256"] == plan["data"]["sha256"]
    assert raw["lock_sha256"] == plan["locks"][raw["environment"]]
    assert raw["code_sha256"] == plan["code_sha256"]
    assert raw["machine"].keys() == {"id", "identity", "before", "after"}
    assert (folder / raw["log"]).is_file()
    if raw["status"] == "ok":
        check_measured(folder, raw)


def check_measured(folder: Path, raw: dict[str, Any]) -> None:
    """Check what a worker measured: that it is there, and that it agrees with itself."""
    assert raw.keys() >= MEASURED
    assert (raw["reason"], raw["exit_code"], raw["log_tail"]) == (None, 0, [])
    assert raw["phases"].keys() == PHASES | ({"maps"} if "stereo" in raw else set())
    assert all(seconds >= 0 for seconds in raw["phases"].values())
    assert sum(raw["phases"].values()) <= raw["wall_s"]
    assert sum(layer["parameters"] for layer in raw["layers"]) == raw["parameter_count"]
    assert raw["peak_rss_bytes"] > 10_000_000
    assert raw["cpu_s"] > 0
    steps = raw["steps"]
    data = (folder / steps["file"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == steps["sha256"]
    times = np.load(folder / steps["file"], allow_pickle=False)
    assert times.dtype == np.float64
    assert len(times) == steps["warmup"] + steps["count"]
    assert (times > 0).all()
    assert steps["median_s"] == np.median(times[steps["warmup"] :])
    if raw["params"]["epochs"] is None:
        assert raw["epochs"] == []
    else:
        assert [epoch["epoch"] for epoch in raw["epochs"]] == list(range(1, raw["params"]["epochs"] + 1))
        told = {"reported_accuracy"} if raw["lane"] == "as-published" else set()  # what the program itself prints
        for epoch in raw["epochs"]:
            assert epoch.keys() == {"epoch", "train_loss", "test_accuracy", "train_s", "eval_s"} | told


def check_analysis(analysis: dict[str, Any]) -> None:
    """Check the analysis against the fixed names."""
    assert analysis["schema"] == 1
    assert analysis["comparisons"]
    for comparison in analysis["comparisons"]:
        assert comparison.keys() >= COMPARISON
