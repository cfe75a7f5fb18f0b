"""Virtual machine, container, Windows Subsystem for Linux: what stands between this process and the hardware."""

from __future__ import annotations

import os
import re
from pathlib import Path

from suite.fingerprint.probe import Facts, Source, UnreadableError, read_text, run_command

_NOTHING = "none"
_CONTAINER_PATHS = {
    "kubepods": "kubernetes",
    "libpod": "podman",
    "docker": "docker",
    "containerd": "containerd",
    "lxc": "lxc",
    "nspawn": "systemd-nspawn",
    "garden": "garden",
}
_FIRMWARE_MAKERS = {
    "qemu": "qemu",
    "kvm": "kvm",
    "vmware": "vmware",
    "virtualbox": "oracle",
    "innotek": "oracle",
    "xen": "xen",
    "bochs": "bochs",
    "parallels": "parallels",
    "bhyve": "bhyve",
    "amazon ec2": "amazon",
    "google compute engine": "google",
    "microsoft corporation virtual machine": "microsoft",
    "apple virtualization": "apple",
}
"""What firmware calls itself inside a virtual machine, much as systemd-detect-virt reads it."""


def parse_detect_virt(text: str) -> str | None:
    """Read ``systemd-detect-virt``'s one word ("kvm", "docker", "none"); None if it is not one."""
    word = text.strip()
    return word if re.fullmatch(r"[a-z][a-z0-9-]{1,30}", word) else None


def parse_container_cgroup(text: str) -> str | None:
    """Name the container runtime in the paths of ``/proc/1/cgroup``, or None (version 2 often hides them)."""
    for line in text.splitlines():
        path = line.rsplit(":", 1)[-1]
        for part, name in _CONTAINER_PATHS.items():
            if part in path:
                return name
    return None


def parse_firmware(text: str) -> str | None:
    """Name the hypervisor that the firmware's maker and product name, joined by a space, speak of, or None."""
    words = " ".join(text.lower().split())
    return next((name for part, name in _FIRMWARE_MAKERS.items() if part in words), None)


def has_hypervisor_flag(cpuinfo: str) -> bool:
    """Tell whether ``/proc/cpuinfo`` lists x86's ``hypervisor`` flag, which real hardware never sets."""
    match = re.search(r"^flags\s*:(.*)$", cpuinfo, re.MULTILINE)
    return match is not None and "hypervisor" in match.group(1).split()


def parse_wsl(kernel: str) -> str:
    """Read the Windows Subsystem for Linux from a kernel release: "WSL 1", "WSL 2" or "none"."""
    if "microsoft" not in kernel.lower():
        return _NOTHING
    # Version 1's made-up release is "4.4.0-19041-Microsoft", version 2's kernel "5.15.90.1-microsoft-standard-WSL2".
    return "WSL 1" if kernel.endswith("-Microsoft") else "WSL 2"


def sources_linux() -> list[Source]:
    """Return Linux's sources; for machines systemd's detection comes first because it knows most."""
    return [
        Source(name="systemd-detect-virt", fields=("virtual_machine",), read=lambda: _detect_virt("--vm")),
        Source(name="firmware and CPU flags", fields=("virtual_machine",), read=_read_hypervisor),
        Source(name="files that containers leave", fields=("container",), read=_read_container),
        Source(name="systemd-detect-virt", fields=("container",), read=lambda: _detect_virt("--container")),
        Source(name="container checks", fields=("container",), read=lambda: {"container": _NOTHING}),
        Source(name="the kernel's release", fields=("wsl",), read=lambda: {"wsl": parse_wsl(os.uname().release)}),
    ]


def _detect_virt(kind: str) -> Facts:
    word = parse_detect_virt(run_command(["systemd-detect-virt", kind], codes=(0, 1)))
    if word is None:
        raise UnreadableError("systemd-detect-virt gave no plain answer")
    return {"virtual_machine" if kind == "--vm" else "container": word}


def _read_hypervisor() -> Facts:
    named = parse_firmware(_firmware())
    if named is not None:
        return {"virtual_machine": named}
    cpuinfo = read_text(Path("/proc/cpuinfo"))
    if has_hypervisor_flag(cpuinfo):
        return {"virtual_machine": "a hypervisor that does not name itself"}
    if re.search(r"^flags\s*:", cpuinfo, re.MULTILINE):
        return {"virtual_machine": _NOTHING}
    raise UnreadableError("this architecture has no flag for hypervisors and the firmware names none")


def _firmware() -> str:
    words = []
    for path in (
        "/sys/class/dmi/id/sys_vendor",
        "/sys/class/dmi/id/product_name",
        "/sys/hypervisor/type",
        "/proc/device-tree/hypervisor/compatible",
    ):
        try:
            words.append(read_text(Path(path)).strip("\0 \n"))
        except UnreadableError:
            continue
    return " ".join(words)


def _read_container() -> Facts:
    marks = {"/run/.containerenv": "podman", "/.dockerenv": "docker"}
    # Kubernetes sets this in every container, whichever runtime it uses.
    if os.environ.get("KUBERNETES_SERVICE_HOST"):
        return {"container": "kubernetes"}
    for path, name in marks.items():
        if Path(path).exists():
            return {"container": name}
    named = parse_container_cgroup(read_text(Path("/proc/1/cgroup")))
    return {} if named is None else {"container": named}
