"""What is asked for: an adapter's policy, and one setting of it the other way."""

from __future__ import annotations

import pytest

from suite.errors import InputError
from suite.frameworks import Framework, frameworks
from suite.frameworks.policy import Policy, Probe
from suite.published.programs import Program, programs
from tests.parity.networks import NETWORKS

OFF = Probe(name="flag-off", key="flag", sentence="flag off", asks={"flag": False}, environment={"FLAG": "0"})


class Adapter(Policy):
    name = "toy"
    probes = (OFF,)

    def process_policy(self, threads: int) -> dict[str, object]:
        return {"threads_intra": threads, "flag": True}

    def mode_policy(self, mode: str) -> dict[str, object]:
        return {"graph": mode == "graph"}


def test_process_and_mode_are_asked_for_together() -> None:
    assert Adapter().requested(3, "graph") == {"threads_intra": 3, "flag": True, "graph": True, "device": "cpu"}


def test_a_probe_changes_one_setting_and_no_other() -> None:
    adapter = Adapter()
    adapter.switch("flag-off")
    asked = {"threads_intra": 3, "flag": False, "graph": False, "device": "cuda"}
    assert adapter.requested(3, "eager", "cuda") == asked
    assert Adapter().requested(3, "eager")["flag"] is True  # another process knows nothing of it


def test_an_unknown_probe_names_the_near_ones() -> None:
    with pytest.raises(InputError, match="unknown probe of toy 'flag-of': did you mean flag-off"):
        Adapter().probe("flag-of")


def test_a_framework_that_asks_for_nothing_says_no_more_than_where_it_is() -> None:
    assert Policy().requested(1, "any") == {"device": "cpu"}


@pytest.mark.parametrize("name", list(frameworks()))
def test_on_a_gpu_memory_is_taken_as_needed_and_nothing_is_asked_of_the_processors_denormals(name: str) -> None:
    adapter = frameworks()[name]
    asked = adapter.requested(2, adapter.default_mode, "cuda")
    assert asked["device"] == "cuda"
    assert "denormals_flushed" not in asked
    assert asked.get("memory_growth", True) is True
    assert "memory_growth" not in adapter.requested(2, adapter.default_mode)


def test_probes_are_of_the_devices_where_they_make_a_difference() -> None:
    on = {
        device: [probe.name for probe in frameworks()["pytorch"].probes if device in probe.devices]
        for device in ("cpu", "cuda", "metal")
    }
    assert on["cuda"] == ["optimizer-fused"]
    assert on["metal"] == []
    assert len(on["cpu"]) == 4


def test_keras_on_jax_proves_networks_with_batch_norms_in_float32() -> None:
    adapter = frameworks()["keras-jax"]
    assert adapter.dtypes_on("cpu", NETWORKS["everything"]) == ("float32",)
    assert adapter.dtypes_on("cpu", NETWORKS["plain"]) == ("float32", "float64")


@pytest.mark.parametrize("each", [*frameworks().values(), *programs().values()], ids=lambda each: each.name)
def test_metal_has_no_float64(each: Framework | Program) -> None:
    assert each.dtypes_on("metal") == ("float32",)
    assert each.dtypes_on("cuda") == each.dtypes_on("cpu") == each.dtypes


@pytest.mark.parametrize("name", list(frameworks()))
def test_adapters_ask_for_threads_and_graph_and_their_probes_for_something_else(name: str) -> None:
    adapter = frameworks()[name]
    asked = adapter.requested(2, adapter.default_mode)
    assert asked["threads_intra"] == 2
    assert asked["compiled"] is (name == "keras-jax")  # which has no other way to run
    assert len({probe.name for probe in adapter.probes}) == len(adapter.probes)
    for probe in adapter.probes:
        assert list(probe.asks) == [probe.key]
        assert asked.get(probe.key) != probe.asks[probe.key]
        assert "/" not in probe.name
        assert "+" not in probe.name
