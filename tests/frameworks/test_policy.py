"""What is asked for: an adapter's policy, and one setting of it the other way."""

from __future__ import annotations

import pytest

from suite.errors import InputError
from suite.frameworks import frameworks
from suite.frameworks.policy import Policy, Probe

OFF = Probe(name="flag-off", key="flag", sentence="flag off", asks={"flag": False}, environment={"FLAG": "0"})


class Adapter(Policy):
    name = "toy"
    probes = (OFF,)

    def process_policy(self, threads: int) -> dict[str, object]:
        return {"threads_intra": threads, "flag": True}

    def mode_policy(self, mode: str) -> dict[str, object]:
        return {"graph": mode == "graph"}


def test_process_and_mode_are_asked_for_together() -> None:
    assert Adapter().requested(3, "graph") == {"threads_intra": 3, "flag": True, "graph": True}


def test_a_probe_changes_one_setting_and_no_other() -> None:
    adapter = Adapter()
    adapter.switch("flag-off")
    assert adapter.requested(3, "eager") == {"threads_intra": 3, "flag": False, "graph": False}
    assert Adapter().requested(3, "eager")["flag"] is True  # another process knows nothing of it


def test_an_unknown_probe_names_the_near_ones() -> None:
    with pytest.raises(InputError, match="unknown probe of toy 'flag-of': did you mean flag-off"):
        Adapter().probe("flag-of")


def test_a_framework_that_asks_for_nothing_says_nothing() -> None:
    assert Policy().requested(1, "any") == {}


@pytest.mark.parametrize("name", list(frameworks()))
def test_adapters_ask_for_threads_and_graph_and_their_probes_for_something_else(name: str) -> None:
    adapter = frameworks()[name]
    asked = adapter.requested(2, adapter.default_mode)
    assert asked["threads_intra"] == 2
    assert asked["compiled"] is False
    assert len({probe.name for probe in adapter.probes}) == len(adapter.probes)
    for probe in adapter.probes:
        assert list(probe.asks) == [probe.key]
        assert asked.get(probe.key) != probe.asks[probe.key]
        assert "/" not in probe.name
        assert "+" not in probe.name
