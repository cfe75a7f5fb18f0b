"""Catalogue: precision, layout, determinism and kernels: how numbers are computed."""

from __future__ import annotations

from suite.ledger.entry import Entry

_NO_EFFECT_ON_CPU = "on a processor it has no effect"

COMPUTING = (
    Entry(
        key="dtype",
        title="Precision of the weights",
        sentence="The type in which weights are kept and updated; half or double precision on one side is other work.",
        source="read from the live weights",
    ),
    Entry(
        key="dtype_policy",
        title="Default precision",
        sentence="The type of what is made without naming one; what counts is the precision of the weights.",
        source="documentation of torch.get_default_dtype and keras.config.dtype_policy",
    ),
    Entry(
        key="amp",
        title="Automatic mixed precision",
        sentence="Runs some operations in 16 bits: on one side alone it is faster there, and other arithmetic.",
        source="documentation of torch.amp and of keras.mixed_precision",
    ),
    Entry(
        key="layout",
        title="Layout of images in memory",
        sentence="PyTorch's convolutions take channels first (NCHW) or last (NHWC), TensorFlow's on a processor only "
        "last; channels-last made PyTorch up to 1.7 times as fast in our tests, so the layout is part of the result.",
        source="FAIRNESS.md 3 (torch channels-last)",
    ),
    Entry(
        key="float32_kept_matmul",
        title="Matrix products keep float32",
        sentence="Tested by arithmetic: whether 1 + 2^-12 goes through a matrix product unrounded; if not, TF32 or "
        "bfloat16 is on, which is faster and less exact.",
        source="arithmetic in the live framework; TF32 keeps 10 bits, bfloat16 7, float32 23",
    ),
    Entry(
        key="float32_kept_convolutions",
        title="Convolutions keep float32",
        sentence="The same test through a convolution, where the frameworks' defaults differ on GPUs.",
        source="arithmetic in the live framework",
    ),
    Entry(
        key="matmul_precision",
        title="Matrix product precision, as asked",
        sentence="PyTorch's own word for it: “highest” computes in float32 throughout, “high” and “medium” may round "
        "to TF32 or bfloat16, on processors too.",
        source="documentation of torch.set_float32_matmul_precision; read back: “medium” turns oneDNN to bf16",
    ),
    Entry(
        key="tf32_matmul",
        title="TF32 allowed in matrix products",
        sentence="Rounds factors to 10 bits on NVIDIA GPUs since Ampere, several times faster; TensorFlow allows it by "
        f"default, PyTorch does not; {_NO_EFFECT_ON_CPU}, whatever it says.",
        source="FAIRNESS.md 1 (GPU matmul precision)",
    ),
    Entry(
        key="tf32_convolutions",
        title="TF32 allowed in convolutions",
        sentence="The same for convolutions, where both frameworks allow it by default on GPUs; "
        f"{_NO_EFFECT_ON_CPU}, whatever it says.",
        source="FAIRNESS.md 1 (GPU matmul precision)",
    ),
    Entry(
        key="denormals_flushed",
        title="Denormals flushed to zero",
        sentence="Numbers below 1e-38 cost a processor many times a normal one's time: a framework that keeps them can "
        "become slower late in a training; TensorFlow always flushes them, PyTorch only when asked.",
        source="FAIRNESS-DETAIL 1, row 29; tested by arithmetic in the live framework",
    ),
    Entry(
        key="main_thread_denormals_flushed",
        title="Denormals flushed on the main thread",
        sentence="Tested outside the frameworks' kernels: PyTorch's setting stays on in the thread that asked for it, "
        "TensorFlow's holds inside its kernels only; both flush where the training computes.",
        source="arithmetic in the live process",
        comparable=False,
    ),
    Entry(
        key="deterministic",
        title="Deterministic kernels only",
        sentence="Forces kernels that repeat bit for bit, which can be slower ones: never on one side alone.",
        source="documentation of torch.use_deterministic_algorithms and tf.config.experimental.enable_op_determinism",
    ),
    Entry(
        key="cudnn_autotune",
        title="cuDNN tries out kernels",
        sentence="In the first steps cuDNN tries its convolution kernels and keeps the fastest; TensorFlow does by "
        f"default, PyTorch only when asked; {_NO_EFFECT_ON_CPU}.",
        source="FAIRNESS-DETAIL 1, row 32",
    ),
    Entry(
        key="onednn",
        title="oneDNN switched on",
        sentence="Intel's kernels for convolutions and matrix products: without them TensorFlow took 1.6 to 1.7 times "
        "as long in our tests.",
        source="FAIRNESS.md 3; FAIRNESS-DETAIL 1, row 28",
    ),
    Entry(
        key="onednn_precision",
        title="Precision oneDNN may use",
        sentence="Whether oneDNN may round float32 to bfloat16 or TF32 on processors that are faster so: on one side "
        "alone it is other arithmetic.",
        source="oneDNN's documentation of the floating-point math mode",
    ),
    Entry(
        key="seed",
        title="Seed",
        sentence="The seed that a program as published set for itself; equal seeds give unlike numbers in unlike "
        "frameworks, so it repeats a run and matches nothing.",
        source="FAIRNESS-DETAIL 1, row 42",
        comparable=False,
    ),
    Entry(
        key="optimizer",
        title="Optimiser",
        sentence="The name of each framework's own implementation: the names differ, but that the arithmetic is the "
        "same is proved by the passport, not by the name.",
        source="read from the live optimiser",
        comparable=False,
    ),
    Entry(
        key="optimizer_implementation",
        title="How the optimiser runs over the weights",
        sentence="One fused kernel, operations on all weights together (foreach), or one after another (for-loop): the "
        "same update, but a fused one saved PyTorch up to 30 % of a small step.",
        source="FAIRNESS.md 3 (fused SGD)",
    ),
)
