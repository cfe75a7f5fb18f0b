from __future__ import annotations

from typing import Any

from tests.notes.notecase import asked, said
from tests.rawfactory import blocks, contained, raw


def test_mixed_venues() -> None:
    rule = "mixed-venues"
    (note,) = asked(rule, [raw(container=None), raw("keras", container=contained())])
    assert "pytorch native, keras container" in note.sentence
    assert not said(rule, blocks(2, container=contained()))
    assert not said(rule, [raw(), raw("keras", container=contained())]), "older results do not say where they ran"
    measured_on_purpose = raw(container=contained(), probe="in-container")
    assert not said(rule, [raw(container=None), raw("keras", container=None), measured_on_purpose])


def test_unlike_containers() -> None:
    rule = "unlike-containers"
    (note,) = asked(rule, [raw(container=contained()), raw("keras", container=contained(memory_bytes=2**30))])
    assert "memory in bytes, cifar10-cnn3x3 b32 (matched): pytorch 8589934592, keras 1073741824" in note.sentence
    other = contained(image__base__id="sha256:0ther")
    assert "base image" in said(rule, [raw(container=contained()), raw("keras", container=other)])
    assert not said(rule, blocks(2, container=contained()))
    assert not said(rule, blocks(2, container=None))


def test_limits_that_did_not_take() -> None:
    rule = "container-limits-not-taken"

    def seen(**limits: Any) -> str:
        taken = {"quota_cores": 2.0, "cpuset": "0-1", "memory_bytes": 8 * 2**30}
        return said(rule, [raw(container=contained(), limits=taken | limits)])

    assert not seen()
    assert not seen(cpuset=[0, 1], quota_cores=2, memory_bytes=8 * 2**30 - 4096)
    assert "quota cores: asked 2, seen none" in seen(quota_cores=None)
    assert "cpuset: asked [0, 1], seen 0-15" in seen(cpuset="0-15")
    assert "memory bytes: asked 8589934592, seen 17179869184" in seen(memory_bytes=16 * 2**30)
    assert not seen(quota_cores="unknown because no control group shows")
    assert not said(rule, [raw(container=contained()), raw(container=None, limits={"quota_cores": None})])


def test_local_base_image() -> None:
    rule = "local-base-image"
    assert "(evenmatch-base:12, no digest in a registry)" in said(rule, blocks(1, container=contained()))
    pinned = contained(image__base__digest="python@sha256:0123")
    assert not said(rule, blocks(1, container=pinned))
    assert not said(rule, blocks(1, container=None))


def test_container_in_virtual_machine() -> None:
    rule = "container-in-virtual-machine"
    inside = {"container": contained()}
    assert "on macOS, where" in said(rule, blocks(1, machine__identity__os_name="macOS", **inside))
    assert "on Microsoft Windows 11 Pro" in said(
        rule, blocks(1, machine__identity__os_name="Microsoft Windows 11 Pro", **inside)
    )
    desktop = {"container": contained(engine__engine="Docker Desktop 4.48.0")}
    assert "Docker Desktop" in said(rule, blocks(1, machine__identity__os_name="Ubuntu", **desktop))
    assert not said(rule, blocks(1, machine__identity__os_name="Ubuntu", **inside))
    assert not said(rule, blocks(1, machine__identity__os_name="macOS", container=None))
