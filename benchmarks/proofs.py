"""What proving parity costs: passports of one workload in all frameworks, cold and kept."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.setting import Setting
from benchmarks.table import Row
from suite import fingerprint, profiles
from suite.environments import native
from suite.exams import Subject
from suite.passports import Examiner
from suite.workloads import workloads

WORKLOAD = "cifar10-cnn3x3"
COLD_BOUND_S = 40.0
KEPT_BOUND_S = 0.1


def passports(setting: Setting) -> list[Row]:
    """Return the time for passports of the default modes, the first time and the second, each once."""
    profile = profiles.of_this_machine()
    batches = workloads()[WORKLOAD].batches
    subjects = [
        Subject(
            lane="matched",
            workload=WORKLOAD,
            framework=name,
            mode=framework.default_mode,
            packages=name,
            batches=batches,
        )
        for name, framework in setting.frameworks.items()
    ]
    with tempfile.TemporaryDirectory() as folder:
        examiner = Examiner(
            environments={n: native.ensure(profile, f, setting.say) for n, f in setting.frameworks.items()},
            threads=setting.threads,
            identity=fingerprint.identity(),
            say=setting.say,
            cache=Path(folder),
        )
        times = []
        for _ in range(2):
            since = time.perf_counter()
            found = examiner.passports(subjects)
            times.append(time.perf_counter() - since)
    unlike = [subject.arm for subject, passport in found.items() if passport["status"] != "matched"]
    assert not unlike, f"not matched: {unlike}"
    bounds = {"cold": COLD_BOUND_S, "kept": KEPT_BOUND_S}
    return [
        Row(
            benchmark="passports",
            subject=WORKLOAD,
            measure=f"{len(subjects)} frameworks, {name}",
            value=seconds,
            low=seconds,
            high=seconds,
            spread="measured once",
            unit="s",
            bound=bounds[name],
        )
        for name, seconds in zip(bounds, times, strict=True)
    ]
