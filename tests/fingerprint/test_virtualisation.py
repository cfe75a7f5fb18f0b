from __future__ import annotations

import pytest

from suite.fingerprint import virtualisation as v
from suite.fingerprint.probe import collect


@pytest.mark.parametrize(
    ("text", "word"),
    [("kvm\n", "kvm"), ("none\n", "none"), ("systemd-nspawn\n", "systemd-nspawn"), ("", None), ("Usage: ...", None)],
)
def test_systemds_word(text, word):
    assert v.parse_detect_virt(text) == word


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("12:cpu,cpuacct:/docker/0123456789ab\n", "docker"),
        ("11:cpuset:/kubepods/besteffort/pod1/abc\n", "kubernetes"),
        ("0::/machine.slice/libpod-abc.scope\n", "podman"),
        ("0::/lxc.payload.box\n", "lxc"),
        ("0::/init.scope\n", None),
        ("", None),
    ],
)
def test_container_runtimes_in_the_first_process_groups(text, name):
    assert v.parse_container_cgroup(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("QEMU Standard PC (i440FX + PIIX, 1996)", "qemu"),
        ("Microsoft Corporation\nVirtual Machine", "microsoft"),
        ("Microsoft Corporation\nSurface Laptop 4", None),
        ("Amazon EC2 c7g.metal", "amazon"),
        ("Dell Inc. PowerEdge R740", None),
    ],
)
def test_firmware_makers(text, name):
    assert v.parse_firmware(text) == name


def test_the_hypervisor_flag(sample):
    assert v.has_hypervisor_flag(sample("cpuinfo_epyc_guest.txt"))
    assert not v.has_hypervisor_flag(sample("cpuinfo_xeon.txt"))
    assert not v.has_hypervisor_flag("model name: hypervisor\n")


@pytest.mark.parametrize(
    ("kernel", "wsl"),
    [
        ("5.15.90.1-microsoft-standard-WSL2", "WSL 2"),
        ("4.4.0-19041-Microsoft", "WSL 1"),
        ("6.1.0-13-amd64", "none"),
    ],
)
def test_windows_subsystem_for_linux(kernel, wsl):
    assert v.parse_wsl(kernel) == wsl


def test_systemds_answer_is_taken_even_though_none_exits_with_1(programs):
    programs("systemd-detect-virt", "none\n", code=1)
    facts, origins = collect(v.sources_linux(), ("virtual_machine",))
    assert facts["virtual_machine"] == "none"
    assert origins["virtual_machine"] == "systemd-detect-virt"


def test_kubernetes_is_told_by_its_environment(monkeypatch):
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    assert collect(v.sources_linux(), ("container",))[0]["container"] == "kubernetes"
