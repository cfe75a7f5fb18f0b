"""A container engine for tests: skipped with the reason where none answers, refused where one is required."""

from __future__ import annotations

import os

import docker
import docker.errors
import pytest

from suite.environments import engine
from suite.errors import UnsupportedError

BASE = os.environ.get("EVENMATCH_TEST_BASE") or "evenmatch-base:bookworm"
"""The base image that tests build on; containers/make-base makes it."""


def client() -> docker.DockerClient:
    """Return a client of the engine with the base image, or skip; with EVENMATCH_REQUIRE_ENGINE=1, fail."""
    try:
        found = engine.connect()
        found.images.get(BASE)
    except UnsupportedError as error:
        _without(str(error))
    except docker.errors.ImageNotFound:
        _without(f"there is no image {BASE} to build on: make one with containers/make-base")
    return found


def _without(why: str) -> None:
    if os.environ.get("EVENMATCH_REQUIRE_ENGINE") == "1":
        pytest.fail(why)
    pytest.skip(why)
