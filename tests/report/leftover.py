"""What made-up trainings leave behind to be looked at, and runs that matched made-up pairs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from made_up import Record

from suite import baseline, inputs, records, stereo
from suite.analysis import analyse
from suite.workloads import workload
from tests.rawfactory import plan_of, raw

HEIGHT, WIDTH = 60, 130


def save(folder: Path, run: Record, arrays: dict[str, Any]) -> None:
    """Write the file beside a run's step times and name it in the result."""
    data = io.BytesIO()
    np.savez_compressed(data, **arrays)
    file = f"raw/{run['framework']}-{run['block']}-{run['workload']}.pictures.npz"
    (folder / "raw").mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(data.getvalue())
    run["pictures"] = {"sha256": records.sha256_of(data.getvalue()), "file": file}


def weights(run: Record, moved: float) -> dict[str, np.ndarray]:
    drawn = inputs.weights(workload(run["workload"]), run["seed"])
    return {f"weights/{name}": array + np.float32(moved) * (array > 0) for name, array in drawn.items()}


def predictions(run: Record, count: int = 30, wrong: int = 4) -> dict[str, Any]:
    """The first ``count`` images, the last ``wrong`` of them taken for the class after their own."""
    task = workload(run["workload"])
    random = np.random.default_rng(5)
    labels = np.arange(count) % task.classes
    taken = labels + (np.arange(count) >= count - wrong)
    logits = 4 * np.eye(task.classes)[taken % task.classes] + random.normal(size=(count, task.classes)) / 3
    return {
        "index": np.arange(count),
        "images": random.integers(0, 256, (count, *task.input_shape)).astype(np.uint8),
        "labels": labels,
        "logits": logits.astype(np.float32),
        "pool": np.int64(2000),
    }


def leave(folder: Path, raws: list[Record], **changes: Any) -> list[Record]:
    """Let every whole matched training of block 0 leave its pictures behind; return those runs."""
    runs = [r for r in raws if r["params"]["epochs"] and r["block"] == 0 and r["lane"] == "matched"]
    for number, run in enumerate(run for run in runs if run["status"] == "ok"):
        save(folder, run, {**weights(run, 0.05 * (number + 1)), **predictions(run), **changes})
    return runs


def scene() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Left and right image in bytes and the truth: a near square before a far wall, the top unknown."""
    random = np.random.default_rng(3)
    wall = random.integers(0, 256, (HEIGHT, WIDTH + 40)).astype(np.uint8)
    truth = np.full((HEIGHT, WIDTH), 4, np.uint16)
    truth[20:45, 50:90] = 18
    x = np.arange(WIDTH)
    left = wall[:, 30 : 30 + WIDTH].copy()
    right = np.stack([wall[y, 34 : 34 + WIDTH] for y in range(HEIGHT)])
    for y in range(20, 45):
        right[y, x[50:90] - 18] = left[y, 50:90]
    truth[:12] = 0
    return left, right, truth * 256


def matched(folder: Path, *, synthetic: bool = True, beats: bool = True) -> tuple[Record, list[Record], Record]:
    """Analysis, results and plan of a run in which three frameworks learnt to match pairs."""
    left, _, coded = scene()
    truth = np.where(coded == 0, np.nan, coded / 256)
    raws = []
    for number, framework in enumerate(("pytorch", "tensorflow", "keras")):
        found = np.where(np.isnan(truth), 4, truth).astype(np.int64)
        found[30:40, 60 : 64 + 8 * number] = 7
        found = np.minimum(found, np.arange(WIDTH))
        rate = stereo.errors(found, truth).rate
        pairs = [
            {"name": "000000_10", "error_rate": rate, "known": 6240, "seconds": 0.5 + 0.2 * number},
            {"name": "000001_10", "error_rate": rate / 2, "known": 6000, "seconds": 0.5},
        ]
        terms = {"name": "CC BY-NC-SA 3.0", "sentence": "KITTI is under CC BY-NC-SA 3.0: name its authors"}
        more: dict[str, Any] = {} if synthetic else {"data__licence": terms, "data__citation": "Menze and Geiger, 2015"}
        run = raw(
            framework,
            0,
            workload="mc-cnn-fast",
            batch=128,
            epochs=2,
            step=0.010 + 0.002 * number,
            stereo={"disparities": 228, "pairs": pairs, "error_rate": 0.75 * rate},
            data__name="kitti-twin" if synthetic else "kitti",
            data__synthetic=synthetic,
            **more,
        )
        shown = {"pair": np.array("000000_10"), "left": left, "truth": coded, "map": found.astype(np.uint16)}
        save(folder, run, {**weights(run, 0.05), **shown})
        raws.append(run)
    kept = _baseline(folder, 0.3 if beats else 0.001)
    plan = plan_of(raws, data=raws[0]["data"])
    return analyse(raws, plan, baseline=kept), raws, plan


def _baseline(folder: Path, rate: float) -> Record:
    data = io.BytesIO()
    np.savez_compressed(data, map=np.full((HEIGHT, WIDTH), 4, np.uint16), pair=np.array("000000_10"))
    (folder / baseline.MAP).write_bytes(data.getvalue())
    pairs = [{"name": f"00000{n}_10", "error_rate": rate, "known": 6000} for n in range(2)]
    sha256 = records.sha256_of(data.getvalue())
    return {
        "method": "block matching",
        "window": 9,
        "disparities": 228,
        "pairs": pairs,
        "error_rate": rate,
        "map_sha256": sha256,
    }
