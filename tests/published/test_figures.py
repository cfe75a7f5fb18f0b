"""The five studies' figures are there as printed, each with its place, and their ratios can be asked for."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from suite.errors import InputError
from suite.published import comp5511, figures, studies
from suite.published.figures import COMPARED, Figure
from suite.workloads import workloads

EVERY = [figure for study in studies.studies().values() for figure in study.figures]


def only(workload: str, quantity: str, epochs: int | None = None) -> Figure:
    (found,) = [
        figure
        for figure in studies.published(workload, quantity)
        if epochs is None or figure.params.get("epochs") == epochs
    ]
    return found


def test_the_five_studies_are_there() -> None:
    assert tuple(studies.studies()) == studies.NAMES
    assert [study.year for study in studies.studies().values()] == [2021, 2021, 2020, 2021, 2022]
    with pytest.raises(InputError, match="unknown study 'cp8312': did you mean cp8321"):
        studies.study("cp8312")


def test_every_workload_is_one_studys_and_every_studys_workload_is_there() -> None:
    own = {workload: study.name for study in studies.studies().values() for workload in study.workloads}
    assert own == {workload.name: workload.study for workload in workloads().values()}


def test_figures_are_of_their_studys_workloads_and_settings() -> None:
    known = workloads()
    for figure in EVERY:
        assert figure.frameworks, figure
        assert figure.where, figure
        if not figure.workload:  # cited, or about no network
            assert figure.remark, figure
            continue
        workload = known[figure.workload]
        assert figure.study == workload.study
        assert figure.params.get("batch", workload.batches[0]) in workload.batches
        if figure.quantity.endswith("accuracy"):
            assert figure.params["epochs"] in workload.epochs
            assert figure.unit == figures.SHARE
            assert all(0.5 < figure.value(framework) < 1 for framework in figure.frameworks)  # type: ignore[operator]


def test_what_was_printed_in_another_unit_is_the_number_kept() -> None:
    checked = 0
    for figure in EVERY:
        for framework, words in figure.printed.items():
            checked += 1
            assert figure.value(framework) == _number(words), (figure, words)
    assert checked == 15


def _number(words: str) -> Decimal:
    if clock := re.fullmatch(r"(\d+) h (\d+) m ([\d.]+) s", words):
        hours, minutes, seconds = clock.groups()
        return int(hours) * 3600 + int(minutes) * 60 + Decimal(seconds)
    return Decimal(words.removesuffix(" %")) / 100


@pytest.mark.parametrize(
    ("quantity", "pytorch", "tensorflow", "ratio"),
    [
        ("training", "61131.032", "79013.515", 1.29253),
        ("epoch", "4248.891", "5526.028", 1.30058),
        ("step", "0.0008693", "0.0011189", 1.28713),
        ("depth map", "1.1743711", "2.6666322", 2.27069),
        ("error rate, one image", "11.6752832", "11.5439943", 0.98875),
        ("error rate", "17.8751599", "17.6685158", 0.98844),
    ],
)
def test_ecai_by_hand(quantity: str, pytorch: str, tensorflow: str, ratio: float) -> None:
    figure = only("mc-cnn-fast", quantity)
    assert (figure.pytorch, figure.tensorflow, figure.keras) == (Decimal(pytorch), Decimal(tensorflow), None)
    assert figure.ratio("tensorflow") == pytest.approx(ratio, abs=1e-5)
    assert figure.ratio("keras") is None


def test_cp8321_by_hand() -> None:
    rows = [only("mnist-cnn-cp8321", "accuracy", epochs) for epochs in (1, 3, 6)]
    assert [[row.value(name) for name in COMPARED] for row in rows] == [
        [Decimal("0.94"), Decimal("0.70"), Decimal("0.72")],
        [Decimal("0.97"), Decimal("0.94"), Decimal("0.94")],
        [None, Decimal("0.96"), Decimal("0.96")],
    ]
    assert rows[0].difference("tensorflow") == pytest.approx(-0.24)
    assert rows[2].difference("tensorflow") is None
    assert only("mnist-cnn-cp8321", "test accuracy").keras == Decimal("0.981")


def test_pl2021_by_hand() -> None:
    accuracy, epoch = only("mnist-cnn-pl2021", "test accuracy"), only("mnist-cnn-pl2021", "epoch")
    assert (accuracy.tensorflow, accuracy.pytorch) == (Decimal("0.9914"), Decimal("0.9895"))
    assert epoch.ratio("tensorflow") == pytest.approx(62 / 55)
    cited = [figure for figure in studies.study("pl2021").figures if "citing" in figure.where]
    assert [(figure.unit, figure.tensorflow, figure.pytorch) for figure in cited] == [
        ("s", Decimal("11.19"), Decimal("7.67")),
        ("GB", Decimal("1.7"), Decimal("3.5")),
    ]


def test_comp5511s_rows_are_figures_too() -> None:
    rows = studies.published("cifar10-cnn3x3", "training")
    assert len(rows) == 32
    first = next(row for row in rows if row.params == {"epochs": 10, "batch": 4, "machine": 1})
    assert (first.where, first.pytorch, first.tensorflow) == ("Fig. 26", Decimal(254), Decimal(547))
    assert len(studies.published("cifar10-cnn5x5", "test accuracy")) == 8
    assert len(studies.study("comp5511").machines) == len(comp5511.ENVIRONMENTS) == 4


def test_the_survey_has_no_numbers_but_its_topics() -> None:
    study = studies.study("doshi2020")
    assert (study.figures, study.machines, len(study.topics), len(study.questions)) == ((), (), 8, 2)


def test_a_machine_says_what_is_stated() -> None:
    (ecai,) = studies.study("ecai2021").machines
    assert ecai.words == "Windows 10, Ryzen 7 1700X, GTX 1070 Ti 8 GB"
    assert comp5511.ENVIRONMENTS[1] == (
        "macOS 12.0.1, M1 Pro (8 cores), Python 3.9.7, PyTorch 1.10.0, tensorflow-macos 2.6.0"
    )


def test_a_field_that_no_figure_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TypeError, match="speed"):
        figures._figure("cp8321", {"workload": "w", "quantity": "q", "unit": "s", "where": "p", "speed": 3})
