"""The rows of the three studies' feature tables, in one place, and which study named which."""

from __future__ import annotations

from dataclasses import dataclass

from suite.features import references as said
from suite.features.proofs import Metadata, Probe, Row, alike

ROWS = (
    Row(
        key="open-source",
        title="Open source",
        question="Does the package come under a licence approved by the Open Source Initiative, its text with it?",
        **alike(Metadata(name="licence")),
    ),
    Row(
        key="platforms",
        title="Platforms",
        question="For which systems and Pythons are there wheels?",
        **alike(Metadata(name="platforms"), Metadata(name="pythons")),
    ),
    Row(
        key="languages",
        title="Languages",
        question="From which languages can it be used?",
        pytorch=(said.PYTORCH_LANGUAGES, Metadata(name="headers")),
        tensorflow=(said.TENSORFLOW_LANGUAGES, Metadata(name="headers")),
        keras=(said.KERAS_LANGUAGES, Metadata(name="headers")),
    ),
    Row(
        key="cpu",
        title="Processor",
        question="Does it compute on the processor?",
        **alike(Probe(name="cpu")),
    ),
    Row(
        key="gpu",
        title="GPU",
        question="Are there builds for GPUs, and does this one see one here?",
        **alike(Metadata(name="gpus"), Probe(name="gpu")),
    ),
    Row(
        key="devices",
        title="Device management",
        question="Can it be said where something is computed, and what if devices are mixed?",
        **alike(Probe(name="devices")),
    ),
    Row(
        key="graph",
        title="Graph",
        question="Can a network be traced to a graph that runs without its Python code?",
        **alike(Probe(name="graph")),
    ),
    Row(
        key="autodiff",
        title="Automatic differentiation",
        question="Is the gradient that of central differences?",
        **alike(Probe(name="autodiff")),
    ),
    Row(
        key="compile",
        title="Compiling",
        question="Can a network be compiled, and does it compute the same then?",
        **alike(Probe(name="compiling")),
    ),
    Row(
        key="training",
        title="Learning curve, level of the API",
        question="Is there a training loop ready-made, and how much has to be written?",
        **alike(Probe(name="training")),
    ),
    Row(
        key="tutorials",
        title="Tutorials",
        question="Is there a path for beginners by the makers?",
        pytorch=(said.PYTORCH_TUTORIAL,),
        tensorflow=(said.TENSORFLOW_TUTORIAL,),
        keras=(said.KERAS_TUTORIAL,),
    ),
    Row(
        key="visualisation",
        title="Visualisation",
        question="Does a profile with the operations' names get written, and a log of losses?",
        **alike(Probe(name="profile"), Probe(name="event_log")),
    ),
    Row(
        key="serialisation",
        title="Serialisation",
        question="Does a network that was saved and loaded compute the same?",
        **alike(Probe(name="save_and_load")),
    ),
    Row(
        key="debugging",
        title="Debugging",
        question="Does a debugger's breakpoint inside the network's Python code stop, with live values?",
        **alike(Probe(name="debugging")),
    ),
    Row(
        key="data-loading",
        title="Data loading",
        question="Does parallel loading give every example once per epoch?",
        **alike(Probe(name="data_loading")),
    ),
    Row(
        key="distribution",
        title="Distribution",
        question="Does training on two devices or in two processes give the gradient of one?",
        pytorch=(Probe(name="distribution"),),
        tensorflow=(Probe(name="distribution"),),
        keras=(Probe(name="distribution"), said.KERAS_DISTRIBUTION),
    ),
    Row(
        key="production",
        title="Production",
        question="Can a network be exported and run by another process without its code, and served?",
        pytorch=(Probe(name="export"), said.PYTORCH_NATIVE, said.PYTORCH_SERVING),
        tensorflow=(Probe(name="export"), said.TENSORFLOW_SERVING),
        keras=(Probe(name="export"), said.KERAS_EXPORT),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Named:
    """One point of a study's table: its words, what it said where we know it, and where today's answer stands."""

    words: str
    rows: tuple[str, ...]
    """Keys of rows; empty where it is answered elsewhere."""
    then: str = ""
    """What the study said, where our notes on it hold it; "": that is not in our notes."""
    elsewhere: str = ""
    """Which part of a report answers it, where no row does."""


@dataclass(frozen=True, kw_only=True)
class StudyTable:
    """The points that one study compared."""

    study: str
    title: str
    points: tuple[Named, ...]


STUDIES = (
    StudyTable(
        study="comp5511",
        title="COMP5511, 2021 (Fig. 1)",
        points=(
            Named(words="open source", rows=("open-source",)),
            Named(
                words="OS support",
                rows=("platforms",),
                then="both ran on macOS and Windows; on an M1, tensorflow-macos 2.6.0 had to be installed without "
                "its dependencies",
            ),
            Named(words="languages", rows=("languages",)),
            Named(words="CPU", rows=("cpu",)),
            Named(words="GPU", rows=("gpu",), then="CUDA in both; TensorFlow also Metal"),
            Named(words="graph", rows=("graph",)),
            Named(words="learning curve", rows=("training",)),
            Named(words="tutorials", rows=("tutorials",)),
        ),
    ),
    StudyTable(
        study="doshi2020",
        title="Doshi 2020 (its eight differences)",
        points=(
            Named(words="learning curve", rows=("training", "tutorials"), then="asked whether eager TF caught up"),
            Named(words="graph", rows=("graph", "compile")),
            Named(words="visualisation", rows=("visualisation",)),
            Named(words="production", rows=("production",), then="asked whether PyTorch is production-ready"),
            Named(words="serialisation", rows=("serialisation",)),
            Named(words="data loading", rows=("data-loading",)),
            Named(words="debugging", rows=("debugging",)),
            Named(words="device management", rows=("devices", "distribution")),
        ),
    ),
    StudyTable(
        study="cp8321",
        title="CP8321-A6, 2022",
        points=(
            Named(words="open source", rows=("open-source",)),
            Named(words="platform", rows=("platforms",)),
            Named(words="CUDA", rows=("gpu",)),
            Named(words="autodiff", rows=("autodiff",)),
            Named(words="speed", rows=(), elsewhere="this report’s measured times"),
            Named(words="API level", rows=("training",)),
            Named(words="debugging", rows=("debugging",)),
            Named(words="visualisation", rows=("visualisation",)),
        ),
    ),
)


def row(key: str) -> Row:
    """Return the row of a key.

    Raises:
        KeyError: there is none.
    """
    return {each.key: each for each in ROWS}[key]


def studies_of(key: str) -> list[str]:
    """Return the names of the studies that compared what a row answers."""
    return [table.study for table in STUDIES if any(key in point.rows for point in table.points)]
