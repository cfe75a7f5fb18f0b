"""Catalogue: processors, threads, memory and the environment that a run's process had."""

from __future__ import annotations

from suite.ledger.entry import Entry

RUNNING = (
    Entry(
        key="device",
        title="Device",
        sentence="Where the weights lie and the work is done; unlike devices make any comparison meaningless.",
        source="read from the live weights",
    ),
    Entry(
        key="device_name",
        title="The device's name",
        sentence="What the driver calls the GPU that the framework chose; it differs where there are several kinds.",
        source="torch.cuda.get_device_name, tf.config.experimental.get_device_details, jax.Device.device_kind",
    ),
    Entry(
        key="gpus_visible",
        title="GPUs that the process sees",
        sentence="None where the processor is measured on a machine with a GPU: then no work can have gone there; "
        "PyTorch's Metal cannot be hidden, so there it counts although nothing is put on it.",
        source="torch.cuda.device_count, tf.config.get_visible_devices, jax.devices",
        comparable=False,
    ),
    Entry(
        key="threads_intra",
        title="Threads within an operation",
        sentence="How many threads share one convolution or matrix product; more threads on one side can be worth up "
        "to that many times the speed.",
        source="FAIRNESS.md 1 (threads)",
    ),
    Entry(
        key="threads_inter",
        title="Threads between operations",
        sentence="How many operations may run side by side; TensorFlow's graphs use it, PyTorch's eager steps hardly "
        "do.",
        source="FAIRNESS.md 1 (threads)",
    ),
    Entry(
        key="affinity",
        title="Processors it may use",
        sentence="The logical processors that the system lets the process run on; both frameworks obey it, so unlike "
        "sets mean unlike machines.",
        source="measured: both frameworks size their default pools by it",
    ),
    Entry(
        key="process_threads",
        title="Threads of the process",
        sentence="All threads of the process at its end, most of them asleep: TensorFlow keeps several pools besides "
        "the one that computes, so only the threads within an operation are comparable.",
        source="read from the operating system",
        comparable=False,
    ),
    Entry(
        key="openmp",
        title="OpenMP library",
        sentence="PyTorch's CPU kernels share their work by OpenMP, TensorFlow's by a pool of their own: the ways of "
        "waiting differ, and with them what a busy neighbour on the machine costs.",
        source="FAIRNESS.md 3 (noise)",
        comparable=False,
    ),
    Entry(
        key="openmp_threads",
        title="OpenMP threads",
        sentence="How many threads OpenMP would use; TensorFlow does not heed it.",
        source="FAIRNESS.md 1 (threads)",
    ),
    Entry(
        key="openmp_wait_policy",
        title="How idle OpenMP threads wait",
        sentence="Unless told to sleep (OMP_WAIT_POLICY=PASSIVE), OpenMP threads that wait for each other keep their "
        "cores busy: quick on an idle machine, several times slower beside another busy program, which TensorFlow's "
        "pool hardly feels.",
        source="FAIRNESS.md 3 (noise)",
    ),
    Entry(
        key="blas",
        title="BLAS found in the process",
        sentence="Which linear-algebra libraries could be asked; PyTorch's MKL and TensorFlow's Eigen are built in and "
        "not among them, so this is NumPy's, which only prepares the data.",
        source="threadpoolctl's documentation, and FAIRNESS.md",
        comparable=False,
    ),
    Entry(
        key="blas_threads",
        title="Its threads",
        sentence="Threads of the BLAS libraries found, NumPy's: they do not compute during the steps that are timed.",
        source="threadpoolctl's documentation",
        comparable=False,
    ),
    Entry(
        key="allocator",
        title="Memory allocator",
        sentence="Which malloc serves the process: jemalloc or tcmalloc under one framework alone can make it some "
        "percent faster.",
        source="PyTorch's performance tuning guide",
    ),
    Entry(
        key="env",
        title="Environment variables that matter",
        sentence="None of those that steer the libraries was set, so nothing outside this suite did.",
        source="read from the live process",
    ),
    Entry(
        key="memory_growth",
        title="GPU memory taken as needed",
        sentence="TensorFlow takes nearly all memory of a GPU at its start unless told to grow: then its peak says "
        "nothing about its need.",
        source="FAIRNESS.md 1 (GPU memory)",
    ),
)

_THREADS = "It sets the threads of one kind of library and leaves the others alone: read the threads that took effect."

VARIABLES = {
    "OMP_": "It steers OpenMP, so PyTorch's kernels, while TensorFlow does not heed it: a setting for one side alone.",
    "GOMP_": "It steers GNU's OpenMP, so PyTorch's kernels, while TensorFlow does not heed it.",
    "KMP_": "It steers Intel's OpenMP where that is loaded; TensorFlow does not heed it.",
    "MKL_": "It steers Intel's MKL, which PyTorch has built in and TensorFlow has not.",
    "OPENBLAS_": _THREADS,
    "VECLIB_": _THREADS,
    "BLIS_": _THREADS,
    "DNNL_": "It steers oneDNN, which both frameworks have built in, each a copy of its own.",
    "ONEDNN_": "It steers oneDNN, which both frameworks have built in, each a copy of its own.",
    "TF_CPP_": "It decides what TensorFlow writes to its log: no influence on times.",
    "TF2_BEHAVIOR": "TensorFlow sets it for itself when it is imported: no influence on a comparison.",
    "TF_": "It steers TensorFlow, and Keras on it, alone; PyTorch does not heed it.",
    "XLA_PYTHON_CLIENT_": "It says how much of a GPU's memory JAX takes and when: no influence on a step's time.",
    "JAX_": "It steers JAX, and Keras on it, alone.",
    "XLA_": "It steers the XLA compiler: TensorFlow's and Keras's compiled modes, no others.",
    "TORCHINDUCTOR_CACHE_DIR": "Where torch.compile keeps its code: a warm cache shortens the first step, no other.",
    "TORCH": "It steers PyTorch alone; TensorFlow does not heed it.",
    "PYTORCH": "It steers PyTorch alone; TensorFlow does not heed it.",
    "KERAS_": "It steers Keras alone, first of all which framework computes for it.",
    "MALLOC_": "It steers the C library's malloc, for every framework alike.",
    "MIMALLOC_": "It steers mimalloc where that is loaded.",
    "LD_PRELOAD": "Libraries put before all others, often another malloc: unlike ones make processes unlike.",
    "CUDA_": "It steers which GPUs are seen and how their queue works, for every framework on them.",
    "NVIDIA_": "It steers which GPUs are seen and with which precision their libraries compute.",
    "CUBLAS_": "It steers cuBLAS, for determinism above all.",
    "CUDNN_": "It steers cuDNN.",
    "ATEN_": "It steers PyTorch's kernels alone, for instance which processor instructions they may use.",
}
"""What environment variables do, by how their names begin; the first that fits counts."""
