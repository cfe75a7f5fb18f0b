"""Where workers run: environments of one place, of the other, or of both under names that tell them apart."""

from __future__ import annotations

from typing import Any

import pytest

from suite import profiles
from suite.environments import contained, venues
from suite.environments.venues import Venue
from suite.frameworks import frameworks

LINUX = profiles.load("linux-cpu")
PACKAGES = [frameworks()["pytorch"], frameworks()["keras"]]


@pytest.fixture(autouse=True)
def places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(venues.native, "ensure", lambda _profile, each, _say: f"native {each.name}")
    monkeypatch.setattr(venues.native, "named", lambda _profile, each: f"native {each.name}")

    def in_containers(_profile: Any, packages: Any, _venue: Venue, _say: Any) -> dict[str, str]:
        return {each.name: f"contained {each.name}" for each in packages}

    monkeypatch.setattr(venues, "_in_containers", in_containers)


@pytest.mark.parametrize(
    ("venue", "expected"),
    [
        (Venue(container=False, threads=2), {"pytorch": "native pytorch", "keras": "native keras"}),
        (Venue(container=True, threads=2), {"pytorch": "contained pytorch", "keras": "contained keras"}),
        (
            Venue(container=False, threads=2, both=True),
            {
                "pytorch": "native pytorch",
                "keras": "native keras",
                contained("pytorch"): "contained pytorch",
                contained("keras"): "contained keras",
            },
        ),
    ],
)
def test_every_environment_is_there_under_its_name(venue: Venue, expected: dict[str, str]) -> None:
    assert venues.ensure(LINUX, PACKAGES, venue, lambda _: None) == expected
    assert venues.named(LINUX, PACKAGES, venue) == expected
