"""Catalogue: eager, graph or compiled: how a training step is carried out."""

from __future__ import annotations

from suite.ledger.entry import Entry

EXECUTING = (
    Entry(
        key="graph",
        title="The step is a graph",
        sentence="Eager steps let Python start every operation, a graph is traced once and then runs by itself: eager "
        "TensorFlow took two to five times as long as its graph, so the mode is part of what is compared.",
        source="FAIRNESS.md 3 (TF eager against tf.function)",
    ),
    Entry(
        key="compiled",
        title="The step is compiled",
        sentence="Whether a compiler made machine code of the step, read from what was compiled, not from what was "
        "asked for; on processors compiled steps are often slower, and their first step takes seconds.",
        source="FAIRNESS.md 3 (XLA, torch.compile)",
    ),
    Entry(
        key="compiler",
        title="Compiler",
        sentence="Which compiler made the step: unlike compilers are unlike programs, comparable as each framework's "
        "best.",
        source="read from the live framework",
    ),
    Entry(
        key="compile_graphs",
        title="Graphs compiled",
        sentence="How many graphs the compiler made of the step; more than one for each batch size means that it was "
        "compiled in pieces, or again and again.",
        source="torch._dynamo's counters; TensorFlow's list of live functions",
        comparable=False,
    ),
    Entry(
        key="compile_graph_breaks",
        title="Breaks between compiled graphs",
        sentence="Places where compilation gave up and Python ran instead: with any, the step is only partly compiled.",
        source="torch._dynamo's counters",
    ),
    Entry(
        key="compile_cache",
        title="Compiler's cache",
        sentence="A warm cache takes the first step from some 20 seconds to 2: it changes the first step alone.",
        source="FAIRNESS.md 1 (first steps)",
    ),
    Entry(
        key="xla_autoclustering",
        title="XLA compiles parts of graphs by itself",
        sentence="Off unless asked for; on, parts of TensorFlow's graphs are compiled without the mode saying so.",
        source="documentation of tf.config.optimizer.set_jit",
    ),
    Entry(
        key="backend",
        title="Keras computes with",
        sentence="Keras runs on TensorFlow, PyTorch or JAX: with TensorFlow it measures TensorFlow's kernels behind "
        "Keras's loop.",
        source="documentation of keras.config.backend",
    ),
    Entry(
        key="steps_per_execution",
        title="Steps per call",
        sentence="Keras can run several steps per call from Python, which saved it 20 to 30 % at small batches; here "
        "every framework runs one.",
        source="FAIRNESS-DETAIL 3, ablations",
    ),
)
