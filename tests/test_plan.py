"""The plan: which run happens when, narrowed by every option, balanced from block to block."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite import plan, profiles, seeds
from suite.cells import IN_CONTAINER
from suite.errors import InputError, UnsupportedError
from suite.estimates import Estimates
from suite.frameworks import frameworks
from suite.plan import Options, PlannedRun, planned_runs
from suite.presets import PRESETS, Preset, preset

LINUX = profiles.load("linux-cpu")
ALL = list(frameworks().values())
DEFAULTS = {f"{each.name}-{each.default_mode}" for each in ALL if not each.further}
MODES = {f"{each.name}-{mode.name}" for each in ALL for mode in each.modes}


def runs(name: str | Preset = "quick", **options: object) -> list[PlannedRun]:
    chosen = preset(name) if isinstance(name, str) else name
    return planned_runs(chosen, LINUX, ALL, Options(**options))  # type: ignore[arg-type]


def arms(planned: list[PlannedRun]) -> set[str]:
    return {run.cell.arm for run in planned}


def test_smoke_is_small() -> None:
    planned = runs("smoke")
    assert arms(planned) == DEFAULTS
    assert len(planned) == 3 * 3
    assert {run.cell.parameters for run in planned} == {"b32", "b32-e1-n2048"}


def test_quick_is_what_the_design_says() -> None:
    planned = runs("quick")
    sampled = Counter(run.cell.name for run in planned if run.cell.epochs is None)
    assert min(sampled.values()) >= 5
    trained = [run for run in planned if run.cell.epochs is not None]
    assert {(run.cell.workload, run.cell.arm) for run in trained} == set(
        itertools.product(("cifar10-cnn3x3", "cifar10-cnn5x5"), DEFAULTS)
    )
    assert {(run.cell.batch, run.cell.epochs, run.cell.examples) for run in trained} == {(32, 1, None)}


def test_paper_covers_the_studys_grid() -> None:
    sampled = {(run.cell.workload, run.cell.batch, run.cell.arm) for run in runs("paper") if run.cell.epochs is None}
    assert sampled >= set(itertools.product(("cifar10-cnn3x3", "cifar10-cnn5x5"), (4, 8, 16, 32), DEFAULTS))


def test_full_trains_the_studys_grid_whole_and_twice() -> None:
    planned = Counter((run.cell.workload, run.cell.batch, run.cell.epochs, run.cell.arm) for run in runs("full"))
    wanted = itertools.product(("cifar10-cnn3x3", "cifar10-cnn5x5"), (4, 8, 16, 32), (10, 20), sorted(DEFAULTS))
    assert planned == dict.fromkeys(wanted, 2)


@pytest.mark.parametrize("name", [each.name for each in PRESETS])
def test_names_are_unique_and_are_those_of_files(name: str) -> None:
    planned = runs(name, modes=("all",))
    assert len({run.name for run in planned}) == len(planned)
    for run in planned:
        assert "/" not in run.name
        assert run.name == f"{run.cell.name.replace('/', '__')}__block{run.block}"


@pytest.mark.parametrize("name", [each.name for each in PRESETS])
def test_blocks_come_one_after_another_and_places_count_up(name: str) -> None:
    planned = runs(name)
    assert [run.block for run in planned] == sorted(run.block for run in planned)
    for number in {run.block for run in planned}:
        places = [run.position for run in planned if run.block == number]
        assert places == list(range(len(places)))


def test_compared_cells_run_next_to_each_other() -> None:
    groups = [key for key, _ in itertools.groupby(runs("paper"), key=lambda run: (run.block, run.cell.group))]
    assert len(groups) == len(set(groups))


def test_in_quick_each_mode_stands_in_each_place_equally_often_when_the_cycle_fits() -> None:
    three = [run for run in runs(dataclasses.replace(preset("quick"), companions=False)) if run.cell.epochs is None]
    places: Counter[tuple[str, int]] = Counter()
    for _, group in itertools.groupby(three, key=lambda run: (run.block, run.cell.group)):
        places.update((run.cell.arm, place) for place, run in enumerate(group))
    assert set(places.values()) == {2 * 6 // 3}  # two workloads, six blocks, three places
    assert len(places) == 9


def test_all_runs_of_a_block_share_its_seed_and_blocks_do_not() -> None:
    planned = runs("quick", seed=5)
    assert {(run.block, run.seed) for run in planned} == {
        (block, seeds.derive(5, "block", block)) for block in {run.block for run in planned}
    }
    assert {run.seed for run in planned}.isdisjoint({run.seed for run in runs("quick", seed=6)})


def test_options_narrow_the_preset() -> None:
    assert {run.cell.batch for run in runs("quick", batch=(4, 8))} == {4, 8}
    assert {run.cell.epochs for run in runs("quick", epochs=(2, 3))} == {None, 2, 3}
    assert {run.block for run in runs("quick", blocks=2)} == {0, 1}
    assert {run.block for run in runs("full", blocks=1)} == {0}
    assert {run.cell.workload for run in runs("quick", select="*/cifar10-cnn3x3/*")} == {"cifar10-cnn3x3"}


def test_what_is_asked_for_twice_is_run_once() -> None:
    assert runs("quick", batch=(4, 4, 8, 4)) == runs("quick", batch=(4, 8))
    assert runs("quick", epochs=(1, 1)) == runs("quick", epochs=(1,))
    assert runs("quick", modes=("pytorch-compile", "pytorch-compile")) == runs("quick", modes=("pytorch-compile",))


def test_a_selection_keeps_the_seeds_and_blocks_of_what_it_keeps() -> None:
    whole = {run.name: run for run in runs("quick")}
    for run in runs("quick", select="*keras*"):
        assert (run.block, run.seed) == (whole[run.name].block, whole[run.name].seed)


def test_modes_come_on_top() -> None:
    assert arms(runs("smoke", modes=("pytorch-compile",))) == DEFAULTS | {"pytorch-compile"}
    assert arms(runs("smoke", modes=("all",))) == MODES


def test_companions_are_sampled_but_not_trained() -> None:
    companions = {f"{each.name}-{mode.name}" for each in ALL for mode in each.modes if mode.companion}
    planned = runs("quick")
    assert companions
    assert arms([run for run in planned if run.cell.epochs is None]) == DEFAULTS | companions
    assert arms([run for run in planned if run.cell.epochs is not None]) == DEFAULTS


PROBES = {(each.name, probe.name) for each in ALL for probe in each.probes}


def test_settings_are_switched_in_default_modes_of_sampled_cells_alone() -> None:
    planned = runs("quick", probe_settings=True, modes=("all",))
    probed = [run for run in planned if run.cell.probe]
    assert {(run.cell.framework, run.cell.probe) for run in probed} == PROBES
    assert all(run.cell.arm in DEFAULTS and run.cell.epochs is None for run in probed)
    for run in probed:  # one beside every normal run of its cell, with the same seed
        plain = dataclasses.replace(run.cell, probe=None)
        assert [other.seed for other in planned if (other.cell, other.block) == (plain, run.block)] == [run.seed]


def test_switching_settings_brings_the_companions_that_switch_one() -> None:
    planned = runs("smoke", probe_settings=True)
    assert "pytorch-eager-channels-last" in arms([run for run in planned if run.cell.epochs is None])
    assert "pytorch-eager-channels-last" not in arms([run for run in planned if run.cell.epochs])


def test_without_being_asked_quick_switches_nothing() -> None:
    assert not any(run.cell.probe for run in runs("quick"))


def test_switched_settings_stay_out_of_the_counterbalanced_design() -> None:
    plain = [(run.block, run.cell) for run in runs("quick")]
    planned = runs("quick", probe_settings=True)
    assert [(run.block, run.cell) for run in planned if not run.cell.probe] == plain
    for _, group in itertools.groupby(
        planned, key=lambda run: (run.block, dataclasses.replace(run.cell, probe=None).group)
    ):
        beside = [bool(run.cell.probe or run.cell.mode == "eager-channels-last") for run in group]
        compared = [place for place, aside in enumerate(beside) if not aside]
        assert compared == list(range(compared[0], compared[0] + len(compared)))  # next to each other


def test_a_preset_may_switch_settings_at_the_largest_batch() -> None:
    chosen = dataclasses.replace(preset("paper"), probes=False)
    assert {run.cell.batch for run in runs(chosen) if run.cell.probe} == set()
    assert {run.cell.batch for run in runs(chosen, probe_settings=True) if run.cell.probe} == {4, 8, 16, 32}
    assert {run.cell.batch for run in runs("paper") if run.cell.probe} == {32}


@pytest.mark.parametrize(
    ("mode", "near"),
    [("pytorch-compil", "pytorch-compile"), ("keras-fits", "keras-fit"), ("pytroch-eager", "pytorch-eager")],
)
def test_an_unknown_mode_names_the_near_ones(mode: str, near: str) -> None:
    with pytest.raises(InputError, match=rf"^unknown framework-mode '{mode}': did you mean .*{near}"):
        runs("smoke", modes=(mode,))


def test_a_selection_of_nothing_names_the_near_cells() -> None:
    with pytest.raises(InputError, match=r"--select '\*/caffe-\*/\*' matches none of the \d+ cells; the nearest are "):
        runs("quick", select="*/caffe-*/*")


def test_a_profile_without_frameworks_is_told() -> None:
    with pytest.raises(
        UnsupportedError, match=r"^profile linux-cpu: no framework is known for its accelerator 'abacus'"
    ):
        planned_runs(preset("quick"), dataclasses.replace(LINUX, accelerator="abacus"), [], Options())


@given(
    st.sampled_from(PRESETS),
    st.lists(st.integers(1, 128), max_size=3),
    st.lists(st.integers(1, 5), max_size=3),
    st.none() | st.integers(1, 8),
    st.lists(st.sampled_from(sorted(MODES)), max_size=3),
)
def test_whatever_is_asked_for_each_run_is_planned_once(
    chosen: Preset, batch: list[int], epochs: list[int], blocks: int | None, modes: list[str]
) -> None:
    planned = runs(chosen, batch=tuple(batch) or None, epochs=tuple(epochs) or None, blocks=blocks, modes=tuple(modes))
    assert len({run.name for run in planned}) == len(planned)
    assert arms(planned) >= DEFAULTS | set(modes)
    if blocks:
        assert max(run.block for run in planned) == blocks - 1


def test_steady_steps_fill_the_sample_but_are_at_least_20() -> None:
    quick = preset("quick")
    assert plan.steady_steps(quick, 32) == quick.sample_images // 32
    assert plan.steady_steps(quick, 4096) == 20


def test_the_plan_as_written_lists_every_run(own_home: Path) -> None:
    chosen, options = preset("smoke"), Options(seed=3)
    planned = planned_runs(chosen, LINUX, ALL, options)
    record = plan.to_record(
        planned,
        preset=chosen,
        profile=LINUX,
        options=options,
        estimates=Estimates(preset=chosen, threads=2),
        facts={"run": "smoke-1", "threads": 2},
    )
    assert (record["schema"], record["preset"], record["profile"], record["seed"]) == (1, "smoke", "linux-cpu", 3)
    assert (record["blocks"], record["run"], record["threads"]) == (2, "smoke-1", 2)
    assert record["scale_epochs"] == [10, 20]
    assert [run["name"] for run in record["runs"]] == [run.name for run in planned]
    for run, planned_run in zip(record["runs"], planned, strict=True):
        assert run["cell"] == planned_run.cell.name
        assert run["params"] == planned_run.cell.params()
        assert (run["block"], run["position"], run["seed"]) == (
            planned_run.block,
            planned_run.position,
            planned_run.seed,
        )
        assert run["estimate_s"] > 0


def test_compared_with_a_container_every_cell_runs_next_to_itself_by_turns() -> None:
    planned = runs("quick", native_vs_container=True, blocks=2)
    alone = runs("quick", blocks=2)
    assert [run.cell for run in planned if run.cell.probe is None] == [run.cell for run in alone]
    names = [run.cell.name for run in planned]
    for run in planned:
        if run.cell.probe is None:
            place = names.index(run.cell.name, sum(other.block < run.block for other in planned))
            other = planned[place - 1 if run.block % 2 else place + 1]
            assert other.cell == dataclasses.replace(run.cell, probe=IN_CONTAINER)
            assert (other.block, other.seed, other.cell.switched) == (run.block, run.seed, None)
    assert len(planned) == 2 * len(alone)


def test_containers_alone_can_be_selected() -> None:
    planned = runs("smoke", native_vs_container=True, select="*+in-container")
    assert {run.cell.probe for run in planned} == {IN_CONTAINER}


def test_a_selection_of_native_cells_takes_both_halves() -> None:
    both = runs("smoke", native_vs_container=True, blocks=1, select="*tensorflow*/b32*")
    assert {run.cell.probe for run in both} == {None, IN_CONTAINER}
    exact = runs("smoke", native_vs_container=True, blocks=1, select=both[0].cell.name)
    assert [run.cell.probe for run in exact] == [None, IN_CONTAINER]
    assert len({dataclasses.replace(run.cell, probe=None) for run in exact}) == 1
    assert [run.cell.probe for run in runs("smoke", blocks=1, select=both[0].cell.name)] == [None]


def test_a_cell_in_a_container_is_first_thought_to_take_as_long_as_natively(own_home: Path) -> None:
    estimates = Estimates(preset=preset("smoke"), threads=2)
    cell = runs("smoke")[0].cell
    contained = dataclasses.replace(cell, probe=IN_CONTAINER)
    estimates.learn(cell, 77.0)
    assert estimates.seconds(contained) == 77.0
    estimates.learn(contained, 99.0)
    assert (estimates.seconds(contained), estimates.seconds(cell)) == (99.0, 77.0)


def test_a_run_is_of_one_study() -> None:
    assert {run.cell.workload for run in runs("quick")} == {"cifar10-cnn3x3", "cifar10-cnn5x5"}
    for study, names in {"pl2021": {"mnist-cnn-pl2021"}, "cp8321": {"mnist-cnn-cp8321"}}.items():
        planned = runs("quick", study=study)
        assert {run.cell.workload for run in planned} == names
        assert {run.cell.batch for run in planned} == {32 if study == "pl2021" else 64}
        assert {run.cell.examples for run in planned} == {None}


def test_the_smoke_preset_takes_the_smallest_network_of_the_study() -> None:
    assert {run.cell.workload for run in runs("smoke")} == {"cifar10-cnn5x5"}
    assert {run.cell.workload for run in runs("smoke", study="ecai2021")} == {"mc-cnn-fast"}


def test_epochs_have_as_many_examples_as_asked_for_at_most() -> None:
    assert {run.cell.parameters for run in runs("full", study="ecai2021")} == {"b128-e14"}
    assert {run.cell.parameters for run in runs("full", study="ecai2021", examples=500)} == {"b128-e14-n500"}
    assert "b128-e1-n60000" in {run.cell.parameters for run in runs("quick", study="ecai2021")}
    assert {run.cell.examples for run in runs("full", study="pl2021", examples=60_000)} == {None}


def test_a_selection_that_names_another_studys_workload_is_told_which_study() -> None:
    with pytest.raises(InputError, match=r"mc-cnn-fast is of study ecai2021: add --study ecai2021\.$"):
        runs("quick", select="*/mc-cnn-fast/*")


def test_an_unknown_study_names_the_near_one() -> None:
    with pytest.raises(InputError, match=r"^unknown study 'cp8312': did you mean cp8321 or comp5511\?$"):
        runs("quick", study="cp8312")
