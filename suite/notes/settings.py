"""Did settings that change the arithmetic or the pace take effect alike? Read back from the live frameworks."""

from __future__ import annotations

import re
from typing import Any

from suite.notes import Evidence, Note, Rule, UnlikeSetting, at, known, listed
from suite.notes.devices import device
from suite.records import Record

STEERED = {
    ("OMP_", "GOMP_", "KMP_", "MKL_", "TORCH", "PYTORCH", "ATEN_"): "PyTorch",
    ("TF_", "XLA_", "KERAS_"): "TensorFlow and Keras",
}
"""Which framework alone heeds environment variables that begin so."""

HARMLESS = (
    *("TF_CPP_", "TF2_BEHAVIOR", "TORCHINDUCTOR_CACHE_DIR", "KERAS_BACKEND", "KERAS_TORCH_DEVICE"),
    *("XLA_PYTHON_CLIENT_PREALLOCATE", "TF_FORCE_GPU_ALLOW_GROWTH"),
)
"""Variables that change no step's time: what is logged, where compiled code lies, what the ledger shows anyway.

TF_FORCE_GPU_ALLOW_GROWTH is set by Keras itself with every backend but TensorFlow's, where nothing heeds it."""


class UnlikeDtypes(UnlikeSetting):
    """Weights or arithmetic of another precision on one side."""

    id = "unlike-dtypes"
    severity = "unfair"
    keys = ("dtype", "amp")
    sentence = "Precisions differ between runs that are compared ({found}): half the bits are half the work, or less."
    todo = "Train all frameworks in the same precision and run again in a new --out folder."


class UnlikeMatmulPrecision(UnlikeSetting):
    """Products are rounded (TF32, bfloat16) on one side and kept in float32 on the other."""

    id = "unlike-matmul-precision"
    severity = "unfair"
    keys = ("float32_kept_matmul", "float32_kept_convolutions")
    sentence = (
        "Some frameworks kept float32 in products and others rounded them ({found}): that is other arithmetic, "
        "and faster."
    )
    todo = "Allow TF32 and bfloat16 in all frameworks or in none, and run again in a new --out folder."


class UnlikeDeterminism(UnlikeSetting):
    """Only some frameworks were held to kernels that repeat bit for bit."""

    id = "unlike-determinism"
    severity = "unfair"
    keys = ("deterministic",)
    sentence = "Determinism was asked of some frameworks only ({found}): it forbids the faster kernels."
    todo = "Ask all frameworks for it or none, and run again in a new --out folder."


class UnlikeDevices(UnlikeSetting):
    """The work was done on unlike devices."""

    id = "unlike-devices"
    severity = "unfair"
    keys = ("device",)
    sentence = (
        "Frameworks that are compared computed on unlike devices ({found}): the times tell devices apart, not "
        "frameworks."
    )
    todo = "See with evenmatch doctor why a framework does not find the device, and run again in a new --out folder."

    def read(self, key: str, raw: Record) -> Any:
        """Return the device in one word for all, and which one if not the first: each framework has its own names."""
        which = re.search(r":[1-9]\d*$", str(super().read(key, raw)))
        return f"{found}{which[0] if which else ''}" if (found := device(raw)) else None


class UnlikeAffinity(UnlikeSetting):
    """Processes that are compared could use unlike processors."""

    id = "unlike-affinity"
    severity = "unfair"
    keys = ("affinity",)
    sentence = "The processors that runs could use differ ({found}): that is as good as another machine."
    todo = "Start all runs from one shell with one affinity, in a new --out folder."


class UnlikeDenormals(UnlikeSetting):
    """Tiny numbers are flushed to zero on one side and kept, which is slow, on the other."""

    id = "unlike-denormals"
    severity = "caution"
    keys = ("denormals_flushed",)
    sentence = (
        "Numbers below 1e-38 became zero in some frameworks and not in others ({found}): where they are kept, "
        "a training full of them slows down."
    )
    todo = "Flush them in all frameworks, or look whether step times grow towards the end of a training."


class UnlikeOneDnn(UnlikeSetting):
    """Intel's kernels are used on one side only."""

    id = "unlike-onednn"
    severity = "caution"
    keys = ("onednn",)
    sentence = "Kernels of oneDNN were used by some frameworks only ({found}), which can decide which one is faster."
    todo = (
        "Switch it on in all frameworks (TF_ENABLE_ONEDNN_OPTS) and run again in a new --out folder; --probe-settings "
        "measures what it does here."
    )


class UnlikeAllocators(UnlikeSetting):
    """Another malloc serves one side."""

    id = "unlike-allocators"
    severity = "caution"
    keys = ("allocator",)
    sentence = "Memory came from unlike allocators ({found}), which alone can be worth some percent."
    todo = "Start all frameworks with the same allocator (LD_PRELOAD) and run again in a new --out folder."


class UnlikeAutotuning(UnlikeSetting):
    """On a GPU, one side tries out convolution kernels and the other does not."""

    id = "unlike-autotuning"
    severity = "caution"
    keys = ("cudnn_autotune",)
    sentence = (
        "Convolution kernels were tried out for some frameworks only ({found}): the others run what cuDNN guessed."
    )
    todo = "Let all frameworks try kernels out, or none, and run again in a new --out folder."

    def read(self, key: str, raw: Record) -> Any:
        """Return the setting where there is a cuDNN to heed it: not on a processor."""
        return None if device(raw) == "cpu" else super().read(key, raw)


class OneSidedEnvironment(Rule):
    """An environment variable was set that only one framework heeds."""

    id = "environment-steers-one"
    severity = "caution"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look through the variables that the workers found set, but for those that change no time."""
        found: dict[str, dict[str, str]] = {}
        for raw in evidence.matched:
            for key, value in (at(raw, "settings") or {}).items():
                variable = key.removeprefix("env:")
                side = next((who for starts, who in STEERED.items() if variable.startswith(starts)), None)
                if key != variable and side and not variable.startswith(HARMLESS) and known(value) is not None:
                    found.setdefault(side, {})[variable] = str(value)
        if not found:
            return []
        words = listed(f"{variable}={value} ({who})" for who, each in found.items() for variable, value in each.items())
        return self.note(
            f"Environment variables were set that one side alone heeds: {words}. What they change, they change there.",
            "Unset them and run again, or set their counterpart for the other frameworks and see it read back.",
            variables=found,
        )
