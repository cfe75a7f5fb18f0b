"""Made-up parity passports, in the form in which parity writes them: matched ones, and ones that fail as told."""

from __future__ import annotations

import math

import numpy as np
from made_up import Record

TOLERANCES = {
    "parameters": (0.0, 0.0),
    "weights": (0.0, 0.0),
    "data": (0.0, 0.0),
    "forward": (2e-5, 1e-12),
    "loss": (5e-6, 1e-12),
    "gradients": (5e-5, 1e-11),
    "update": (2e-5, 1e-11),
    "batches": (1e-3, 1e-9),
    "schedule": (1e-3, 1e-9),
    "evaluation": (2e-5, 1e-12),
    "steps": (2e-4, 1e-9),
}
SCALARS: Record = {
    "name": "float32-scalars",
    "sentence": "Keras optimisers keep learning rate and momentum as float32 numbers, even in a float64 model: in "
    "float64 its updates differ from the definition's by up to 2.4e-08 of themselves",
    "size": 2.4e-8,
}
NESTEROV = "Nesterov's step is on: updates are 1.9 times the defined ones after the second step"


def passport(
    workload: str, framework: str, mode: str, status: str = "matched", *, float64: bool = True, lane: str = "matched"
) -> Record:
    """Return a full passport of one arm; an unmatched one fails at its update and every step after it."""
    random = np.random.default_rng([*map(ord, workload + framework + mode)])
    items = [
        _item(random, name, dtype, tolerance, failing=status == "unmatched" and name in ("update", "steps"))
        for dtype, index in (("float32", 0), *((("float64", 1),) if float64 else ()))
        for name, tolerance in ((name, both[index]) for name, both in TOLERANCES.items())
    ]
    failed = status == "unmatched"
    findings = [
        {"item": "update", "sentence": NESTEROV},
        {"item": "steps", "sentence": "the first step beyond the tolerance is step 2 of 200"},
    ]
    return {
        "schema": 1,
        "lane": lane,
        "workload": workload,
        "framework": framework,
        "mode": mode,
        "status": status,
        "failed_item": "update" if failed else None,
        "diagnosis": NESTEROV if failed else "torch.compile found no compiler" if status == "error" else None,
        "key": "4e" * 32,
        "made_at": "2026-11-21T05:29:00+00:00",
        "seconds": 9.4,
        "made_with": {"threads": 2, "versions": {}},
        "items": [] if status == "error" else items,
        "findings": findings if failed else [],
        "residues": [SCALARS] if framework == "keras" and status != "error" else [],
        "free_run": None if status == "error" else _free_run(random),
    }


def as_published(workload: str, framework: str, mode: str) -> Record:
    """Return the passport of a program as published: in what it differs from the matched workload."""
    findings = {
        "pytorch": [
            ("weights", "Initial weights are uniform within 1 / sqrt(fan in), biases too, not Glorot-uniform and zero"),
            ("data", "Images are scaled to [-1, 1], not to [0, 1]"),
            ("batches", "Every epoch draws its own order of examples"),
        ],
        "keras": [
            ("data", "Images arrive as float64 and are cast in every step"),
            ("batches", "Every epoch draws its own order of examples"),
        ],
    }[framework]
    return passport(workload, framework, mode, "as-published", float64=False, lane="as-published") | {
        "findings": [{"item": item, "sentence": sentence} for item, sentence in findings],
        "differences": [sentence for _, sentence in findings],
        "free_run": None,
    }


def brief(full: Record) -> Record:
    """Return what a raw result keeps of a passport."""
    kept = {key: full[key] for key in ("status", "key", "failed_item", "diagnosis")}
    kept["residues"] = [residue["sentence"] for residue in full["residues"]]
    return kept | ({"differences": full["differences"]} if "differences" in full else {})


def _item(random: np.random.Generator, name: str, dtype: str, tolerance: float, *, failing: bool) -> Record:
    exact = tolerance == 0
    share = 0.0 if exact else 10 ** random.uniform(2, 4) if failing else 10 ** random.uniform(-3.5, -0.8)
    measured = float(f"{share * tolerance:.3g}")
    return {
        "item": name,
        "dtype": dtype,
        "passed": not failing,
        "measured": measured,
        "tolerance": tolerance,
        "margin": tolerance / measured if measured else None,
        "detail": f"{name} differ by {measured:.2g} of themselves" if measured else "the very same",
    }


def _free_run(random: np.random.Generator) -> Record:
    steps = np.arange(1, 201)
    growth = [10 ** (-7 + 4.2 * (1 - np.exp(-steps / rate)) + random.normal(0, 0.25, 200)) for rate in (95, 90)]
    difference, envelope = ([float(f"{value:.3g}") for value in each] for each in growth)
    difference[0] = 0.0
    within = math.fsum(difference) <= 10 * math.fsum(envelope)
    sentence = f"the loss differs by up to {max(difference):.1g}, its own sensitivity is up to {max(envelope):.1g}"
    return {"steps": 200, "difference": difference, "envelope": envelope, "within": within, "sentence": sentence}
