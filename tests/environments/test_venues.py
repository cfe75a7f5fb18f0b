"""Where workers run: environments of one place, of the other, or of both under names that tell them apart."""

from __future__ import annotations

from typing import Any

import pytest

from suite import profiles
from suite.environments import building, contained, engine, images, venues
from suite.environments.venues import Venue
from suite.errors import InputError, UnsupportedError
from suite.frameworks import frameworks

LINUX = profiles.load("linux-cpu")
PACKAGES = [frameworks()["pytorch"], frameworks()["keras"]]


@pytest.fixture(autouse=True)
def places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(venues.native, "ensure", lambda _profile, each, _say: f"native {each.name}")
    monkeypatch.setattr(venues.native, "named", lambda _profile, each: f"native {each.name}")

    def in_containers(client: Any, base: Any, _profile: Any, packages: Any, *_: Any) -> dict[str, str]:
        assert (client, base) == ("client", "base")
        return {each.name: f"contained {each.name}" for each in packages}

    monkeypatch.setattr(engine, "connect", lambda: "client")
    monkeypatch.setattr(engine, "sweep", lambda _client: None)
    monkeypatch.setattr(building, "clear", lambda _client: None)
    monkeypatch.setattr(images, "base", lambda _client, name: {"slim": "base"}[name])
    monkeypatch.setattr(images, "pinned", lambda: "slim")
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


@pytest.mark.parametrize("lacking", [InputError("no base"), UnsupportedError("no engine")])
def test_nothing_is_built_natively_where_no_container_can_be_had(
    lacking: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise lacking

    built: list[str] = []
    monkeypatch.setattr(*((images, "base") if isinstance(lacking, InputError) else (engine, "connect")), fail)
    monkeypatch.setattr(venues.native, "ensure", lambda _profile, each, _say: built.append(each.name))
    with pytest.raises(type(lacking), match="no"):
        venues.ensure(LINUX, PACKAGES, Venue(container=False, threads=2, both=True), lambda _: None)
    assert built == []


def test_what_runs_natively_needs_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "connect", lambda: pytest.fail("nobody asked for containers"))
    assert venues.named(LINUX, PACKAGES, Venue(container=False, threads=2))
