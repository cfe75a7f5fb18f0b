"""Raw results and plans as the runner writes them, with one thing changed at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from suite.records import Record

MODES = {"pytorch": "eager", "tensorflow": "function", "keras": "fit"}
STEPS = {"pytorch": 0.020, "tensorflow": 0.010, "keras": 0.0101}
_LIBRARY = {"pytorch": ("torch", "2.13.0+cpu"), "tensorflow": ("tensorflow", "2.21.0"), "keras": ("keras", "3.15.1")}


def raw(
    framework: str = "pytorch",
    block: int = 0,
    *,
    mode: str | None = None,
    workload: str = "cifar10-cnn3x3",
    batch: int = 32,
    epochs: int | None = None,
    step: float | None = None,
    examples: int | None = None,
    accuracy: float = 0.70,
    position: int = 0,
    lane: str = "matched",
    probe: str | None = None,
    **changes: Any,
) -> Record:
    """Return a run that ended well: 100 sampled steps, or a whole training of ``epochs``.

    It carries a passport: matched, or in lane ``as-published`` what that says of it. ``changes`` replace values at
    ``a__b`` paths.
    """
    mode = mode or (MODES[framework] if lane == "matched" else "published")
    step = STEPS[framework] if step is None else step
    steps_per_epoch = -(-50000 // batch)
    parameters = f"b{batch}" + (f"-e{epochs}" if epochs is not None else "") + (f"-n{examples}" if examples else "")
    parameters += f"+{probe}" if probe else ""
    library, version = _LIBRARY[framework]
    record: Record = {
        "schema": 1,
        "run": "quick-20261121-053000",
        "preset": "quick",
        "cell": f"linux-cpu/{lane}/{workload}/{framework}-{mode}/{parameters}",
        "profile": "linux-cpu",
        "lane": lane,
        "workload": workload,
        "framework": framework,
        "mode": mode,
        "probe": probe,
        "passport": outcome(lane, workload, f"{framework}-{mode}"),
        "params": {"batch": batch, "epochs": epochs} | ({"examples": examples} if examples else {}),
        "block": block,
        "position": position,
        "seed": 1000 + block,
        "status": "ok",
        "reason": None,
        "exit_code": 0,
        "log": f"logs/{framework}-{block}.log",
        "log_tail": [],
        "started_at": f"2026-11-21T05:{block:02d}:{position:02d}+00:00",
        "wall_s": 6.0,
        "cpu_s": 9.0,
        "peak_rss_bytes": 431_000_000,
        "parameter_count": 122570,
        "layers": [{"name": "conv1", "kind": "Conv2d", "output_shape": [30, 30, 32], "parameters": 896}],
        "data": data(),
        "inputs": {"weights_sha256": f"w{block}", "order_sha256": f"o{block}"},
        "lock_sha256": f"lock-{framework}",
        "code_sha256": "c0de",
        "versions": {"python": "3.11.7", "numpy": "2.4.2", library: version},
        "requested": {"threads_intra": 2, "threads_inter": 2},
        "settings": {"threads_intra": 2, "threads_inter": 2, "dtype": "float32", "device": "cpu"},
        "phases": dict.fromkeys(("import", "build", "data", "evaluation"), 0.1)
        | {"first_step": 0.5, "warmup": 10 * step, "steady": 100 * step},
        "steps": {"count": 100, "median_s": step, "warmup": 11, "file": "raw/x.steps.npy", "sha256": "5a"},
        "epochs": [],
        "machine": {
            "id": "abcd",
            "identity": {"virtual_machine": "none"},
            "before": reading(0.0),
            "after": reading(6.0),
        },
    }
    if epochs is not None:
        record["steps"]["count"] = steps_per_epoch * epochs
        record["epochs"] = [
            epoch(n, step * steps_per_epoch, accuracy - 0.05 * (epochs - n)) for n in range(1, epochs + 1)
        ]
    return changed(record, changes)


def contained(**changes: Any) -> Record:
    """Return what a run in a container records of it: a local base, two cores, 8 GiB."""
    base = {"name": "evenmatch-base:12", "id": "sha256:ba5e", "digest": None}
    engine = {"engine": "Docker Engine - Community", "version": "29.1.0", "api": "1.52"}
    record: Record = {
        "image": {"name": "evenmatch/linux-cpu:0123", "id": "sha256:1mage", "bytes": 1_210_000_000, "base": base},
        "engine": engine | {"cgroup_version": "2", "storage": "overlay2", "rootless": False},
        "cpus": [0, 1],
        "quota_cores": 2,
        "memory_bytes": 8 * 2**30,
        "network": "none",
        "read_only": True,
    }
    return changed(record, changes)


def gpu_state(**changes: Any) -> Record:
    """Return what nvidia-smi states of one GPU at a moment."""
    record: Record = {
        "sm_mhz": 1980.0,
        "max_sm_mhz": 1980.0,
        "memory_mhz": 3201.0,
        "temperature_c": 48.0,
        "power_w": 212.5,
        "power_limit_w": 700.0,
        "default_power_limit_w": 700.0,
        "memory_errors": 0.0,
        "performance_state": "P0",
        "ecc": "Enabled",
        "mig": "Disabled",
        "persistence": "Enabled",
        "compute_capability": "9.0",
        "memory_used_bytes": 4 * 2**20,
        "slowed_by": [],
        "slowed_s": {"power cap": 1.5, "heat, by hardware": 0.0},
    }
    return changed(record, changes)


def on_gpu(framework: str = "pytorch", block: int = 0, **changes: Any) -> Record:
    """Return a run on an NVIDIA GPU, under the name that its framework has for it."""
    gpu = {"name": "NVIDIA H200", "memory_bytes": 143771 * 2**20, "driver": "580.95.05"}
    names = {"pytorch": "cuda:0", "tensorflow": "/job:localhost/replica:0/task:0/device:GPU:0"}
    same = {"profile": "cuda", "device": "cuda", "settings__device": names.get(framework, names["tensorflow"])}
    around = {f"machine__{when}__gpu_state": [gpu_state()] for when in ("before", "after")}
    return raw(
        framework,
        block,
        **same | around | {"machine__before__gpu_processes": 0, "machine__identity__gpus": [gpu]} | changes,
    )


def outcome(lane: str, workload: str, arm: str) -> Record:
    """Return what a run says of its passport."""
    published = lane != "matched"
    found: Record = {"status": lane, "key": f"key of {lane} {workload} {arm}", "failed_item": None, "diagnosis": None}
    return found | {"residues": []} | ({"differences": [f"{arm} scales its images"]} if published else {})


def passport(run: Record, **changes: Any) -> Record:
    """Return the passport that a run names."""
    record: Record = {
        "schema": 1,
        **{field: run[field] for field in ("lane", "workload", "framework", "mode")},
        **{field: run["passport"][field] for field in ("status", "key", "failed_item", "diagnosis")},
        "made_at": "2026-11-21T05:29:00+00:00",
        "seconds": 9.0,
        "made_with": {
            "lock_sha256": run["lock_sha256"],
            "code_sha256": run["code_sha256"],
            "threads": 2,
            "machine_class": {"virtual_machine": "none"},
            "versions": run["versions"],
        },
        "items": [item("forward", "float32", 1e-6), item("forward", "float64", 1e-15)],
        "findings": [],
        "residues": [],
        "free_run": {"steps": 200, "difference": [0.1], "envelope": [0.2], "within": True, "sentence": "Within it."},
    }
    return changed(record, changes)


def passports(raws: Sequence[Record]) -> list[Record]:
    """Return every passport that these results name, once each."""
    return list({run["passport"]["key"]: passport(run) for run in raws if run["status"] == "ok"}.values())


def item(name: str, dtype: str, measured: float, tolerance: float = 2e-5, *, passed: bool = True) -> Record:
    """Return one item of a passport."""
    margin = tolerance / measured
    record = {"item": name, "dtype": dtype, "passed": passed, "measured": measured, "tolerance": tolerance}
    return record | {"margin": margin, "detail": f"{name} differs by {measured:.2g}"}


def failed(framework: str = "pytorch", block: int = 0, *, status: str = "failed", **changes: Any) -> Record:
    """Return a run that did not end well: what the worker would have known is absent or None."""
    record = raw(framework, block, **changes)
    for field in ("versions", "settings", "requested", "layers", "inputs", "data", "phases", "epochs"):
        del record[field]
    unknown = dict.fromkeys(("steps", "parameter_count", "cpu_s", "peak_rss_bytes"))
    ending = {"status": status, "reason": "the worker ended with exit code -9", "exit_code": -9, "log_tail": ["Killed"]}
    return record | unknown | ending


def blocks(
    count: int, make: Callable[..., Record] = raw, frameworks: Sequence[str] = tuple(MODES), **same: Any
) -> list[Record]:
    """Return ``count`` blocks of one run per framework, the order reversed in every other block."""
    runs = []
    for block in range(count):
        order = list(frameworks)[:: 1 if block % 2 == 0 else -1]
        runs += [make(framework, block, position=position, **same) for position, framework in enumerate(order)]
    return runs


def plan_of(raws: Sequence[Record], **changes: Any) -> Record:
    """Return the plan that these results would have come from."""
    fields = ("cell", "workload", "framework", "mode", "params", "block", "position", "seed")
    record: Record = {
        "schema": 1,
        "run": "quick-20261121-053000",
        "created_at": "2026-11-21T05:30:00+00:00",
        "preset": "quick",
        "profile": "linux-cpu",
        "seed": 0,
        "blocks": 1 + max(raw["block"] for raw in raws),
        "threads": 2,
        "data": data() | {"source": "data"},
        "code_sha256": "c0de",
        "locks": {framework: f"lock-{framework}" for framework in MODES},
        "command": ["nox", "-s", "bench"],
        "steps": {"warmup": 10, "steady": 100},
        "runs": [{"name": str(n), "estimate_s": 4.5} | {f: raw[f] for f in fields} for n, raw in enumerate(raws)],
    }
    return changed(record, changes)


def data() -> Record:
    """Return the real data set's description."""
    return {"name": "cifar10", "synthetic": False, "sha256": "d1", "train_examples": 50000, "test_examples": 10000}


def epoch(number: int, train_s: float, accuracy: float) -> Record:
    """Return what is recorded of one epoch."""
    loss = 2.0 - 0.1 * number
    return {"epoch": number, "train_loss": loss, "test_accuracy": accuracy, "train_s": train_s, "eval_s": 1.0}


def reading(at_s: float, busy_cores: float = 1.5, stolen_cores: float = 0.0) -> Record:
    """Return a machine's volatile readings ``at_s`` seconds after the first ones, on 2 cores."""
    return {
        "monotonic_s": 100 + at_s,
        "load_1m": 0.3,
        "psi_cpu_some_avg10": 0.5,
        "cpu_busy_s": 1000 + busy_cores * at_s,
        "cpu_idle_s": 5000 + (2 - busy_cores - stolen_cores) * at_s,
        "cpu_steal_s": 1 + stolen_cores * at_s,
        "temperatures_c": "unknown because no sensor can be read here",
    }


def changed(record: Record, changes: Mapping[str, Any]) -> Record:
    """Return the record with the values at ``a__b__c`` paths replaced (``...`` removes one)."""
    for path, value in changes.items():
        *outer, last = path.split("__")
        inner = record
        for name in outer:
            inner = inner.setdefault(name, {})
        if value is ...:
            del inner[last]
        else:
            inner[last] = value
    return record
