"""Lanes: their arms, which of them run, and what is said of an arm that a lane has not."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from suite import lanes, plan, profiles
from suite.cells import Cell
from suite.environments.venues import Venue
from suite.errors import InputError
from suite.estimates import Estimates
from suite.frameworks import framework, frameworks
from suite.plan import Options, PlannedRun, planned_runs
from suite.presets import preset
from suite.published.programs import programs
from suite.request import Layout

LINUX = profiles.load("linux-cpu")
ALL = list(frameworks().values())
PUBLISHED = {"pytorch-published", "keras-published"}
BOTH_NETWORKS = ("cifar10-cnn3x3", "cifar10-cnn5x5")


def runs(name: str, lane: str, **options: object) -> list[PlannedRun]:
    return planned_runs(preset(name), LINUX, ALL, Options(lane=lane, **options))  # type: ignore[arg-type]


def arms(planned: list[PlannedRun]) -> set[str]:
    return {run.cell.arm for run in planned}


def cell(lane: str, framework: str, mode: str) -> Cell:
    given = {"profile": "linux-cpu", "workload": "cifar10-cnn3x3", "batch": 4, "epochs": 10, "examples": None}
    return Cell(lane=lane, framework=framework, mode=mode, **given)  # type: ignore[arg-type]


def test_the_matched_lane_is_what_runs_unless_said_otherwise() -> None:
    assert {run.cell.lane for run in planned_runs(preset("smoke"), LINUX, ALL, Options())} == {"matched"}


def test_both_lanes_are_the_two_lanes() -> None:
    one, other, both = ({run.name for run in runs("quick", lane)} for lane in lanes.CHOICES)
    assert both == one | other
    assert one & other == set()


def test_as_published_runs_each_program_as_it_is_in_every_kind_of_cell() -> None:
    planned = runs("quick", "as-published")
    found = Counter((run.cell.workload, run.cell.arm, run.cell.epochs) for run in planned)
    assert found == {
        (workload, arm, epochs): 6 if epochs is None else 1
        for workload, arm, epochs in itertools.product(BOTH_NETWORKS, PUBLISHED, (None, 1))
    }


def test_a_cells_name_tells_lane_and_variant() -> None:
    planned = runs("full", "as-published", modes=("pytorch-inputs-0-to-1",), batch=(4,), epochs=(10,))
    assert {run.cell.name for run in planned if run.cell.framework == "pytorch"} == {
        f"linux-cpu/as-published/{workload}/pytorch-{variant}/b4-e10"
        for workload, variant in itertools.product(BOTH_NETWORKS, ("published", "inputs-0-to-1"))
    }


def test_variants_come_on_top() -> None:
    more = ("pytorch-init-of-keras", "keras-inputs-minus1-to-1")
    assert arms(runs("smoke", "as-published", modes=more)) == PUBLISHED | set(more)
    own = [each for each in programs().values() if set(each.workloads) & set(BOTH_NETWORKS)]
    every = {f"{each.framework}-{variant.name}" for each in own for variant in each.variants}
    assert arms(runs("smoke", "as-published", modes=("all",))) == every


def test_in_both_lanes_each_name_reaches_its_own() -> None:
    planned = runs("smoke", "both", modes=("pytorch-compile", "keras-no-shuffling"))
    by_lane = {lane: arms([run for run in planned if run.cell.lane == lane]) for lane in lanes.LANES}
    assert by_lane["matched"] == {"pytorch-eager", "pytorch-compile", "tensorflow-function", "keras-fit"}
    assert by_lane["as-published"] == PUBLISHED | {"keras-no-shuffling"}


def test_within_a_block_the_cells_of_a_lane_run_next_to_each_other_and_lanes_one_after_the_other() -> None:
    planned = runs("quick", "both")
    groups = [key for key, _ in itertools.groupby(planned, key=lambda run: (run.block, run.cell.group))]
    assert len(groups) == len(set(groups))
    pairs = list(itertools.pairwise(group for _, group in groups))
    matched = [(one, two) for one, two in pairs if (one[1], two[1]) == ("matched", "as-published")]
    assert all(one[2:] == two[2:] for one, two in matched)


def test_two_programs_take_turns_in_going_first() -> None:
    sampled = [run for run in runs("quick", "as-published") if run.cell.epochs is None]
    groups = itertools.groupby(sampled, key=lambda run: (run.block, run.cell.group))
    firsts = Counter(next(group).cell.arm for _, group in groups)
    assert firsts == dict.fromkeys(PUBLISHED, 6)  # two networks, six blocks, two programs


def test_seeds_differ_from_block_to_block_and_are_those_of_the_matched_lane() -> None:
    seeds = {lane: {(run.block, run.seed) for run in runs("full", lane)} for lane in ("matched", "as-published")}
    assert seeds["matched"] == seeds["as-published"]
    assert len({seed for _, seed in seeds["matched"]}) == 2


def test_settings_are_not_switched_in_programs_as_published() -> None:
    probed = [run for run in runs("quick", "both", probe_settings=True) if run.cell.probe]
    assert probed
    assert {run.cell.lane for run in probed} == {"matched"}


@pytest.mark.parametrize(
    ("lane", "mode", "told"),
    [
        ("matched", "pytorch-inputs-0-to-1", "is of lane as-published: add --lane as-published, or --lane both."),
        ("as-published", "pytorch-compile", "is of lane matched: add --lane matched, or --lane both."),
    ],
)
def test_an_arm_of_the_other_lane_is_named_as_such(lane: str, mode: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        runs("smoke", lane, modes=(mode,))
    assert str(caught.value) == f"--mode {mode} {told}"


@pytest.mark.parametrize(
    ("lane", "mode", "near"),
    [
        ("as-published", "pytorch-inputs-0-1", "pytorch-inputs-0-to-1"),
        ("as-published", "keras-init-pytorch", "keras-init-of-pytorch"),
        ("both", "keras-publisht", "keras-published"),
        ("both", "pytorch-compil", "pytorch-compile"),
    ],
)
def test_an_unknown_variant_names_the_near_ones(lane: str, mode: str, near: str) -> None:
    with pytest.raises(InputError, match=rf"^unknown framework-mode '{mode}': did you mean .*{near}"):
        runs("smoke", lane, modes=(mode,))


def test_a_lane_without_programs_says_so() -> None:
    tensorflow = [each for each in ALL if each.name == "tensorflow"]
    with pytest.raises(InputError, match="no as-published program is for a workload of study comp5511 in preset smoke"):
        planned_runs(preset("smoke"), LINUX, tensorflow, Options(lane="as-published"))
    assert planned_runs(preset("smoke"), LINUX, tensorflow, Options(lane="both"))


def test_an_arm_knows_what_it_runs_in() -> None:
    assert lanes.arm_of(cell("matched", "pytorch", "eager")).packages is framework("pytorch")
    assert lanes.arm_of(cell("as-published", "keras", "published")).packages is framework("keras")
    assert lanes.arm_of(cell("as-published", "pytorch", "published")).packages.name == "pytorch-torchvision"


@pytest.mark.parametrize(
    ("lane", "names"),
    [
        ("matched", ["pytorch", "tensorflow", "keras"]),
        ("as-published", ["pytorch-torchvision", "keras"]),
        ("both", ["pytorch", "tensorflow", "keras", "pytorch-torchvision"]),
    ],
)
def test_only_what_the_runs_need_is_installed(lane: str, names: list[str]) -> None:
    layout = Layout(
        profile=LINUX,
        preset=preset("smoke"),
        options=Options(),
        threads=1,
        device="cpu",
        venue=Venue(container=False, threads=1),
        available=ALL,
        runs=sorted(runs("smoke", lane), key=lambda run: (run.cell.lane == "as-published", run.block, run.position)),
        estimates=Estimates(preset=preset("smoke"), threads=1),
    )
    assert [packages.name for packages in layout.packages] == names


def test_the_plan_records_the_lane() -> None:
    planned = runs("smoke", "as-published")
    record = plan.to_record(
        planned,
        preset=preset("smoke"),
        profile=LINUX,
        options=Options(),
        estimates=Estimates(preset=preset("smoke"), threads=1),
        facts={},
    )
    assert {run["lane"] for run in record["runs"]} == {"as-published"}
    assert {run["mode"] for run in record["runs"]} == {"published"}


def test_a_further_framework_runs_only_when_it_is_named() -> None:
    usual = {"pytorch-eager", "tensorflow-function", "keras-fit"}
    assert arms(runs("smoke", "matched")) == usual
    assert arms(runs("smoke", "matched", modes=("keras-jax-fit",))) == {*usual, "keras-jax-fit"}
    assert {"keras-jax-fit", "keras-torch-fit"} <= arms(runs("smoke", "matched", modes=("all",)))
    probed = runs("quick", "matched", probe_settings=True)
    assert {run.cell.framework for run in probed} == {"pytorch", "tensorflow", "keras"}


def test_the_further_frameworks_are_keras_on_other_libraries() -> None:
    assert [each.name for each in ALL if each.further] == ["keras-torch", "keras-jax"]
