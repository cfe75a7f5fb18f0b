"""The operating system, the architecture, Python, and (only when asked for) the names of user and host."""

from __future__ import annotations

import getpass
import platform
import shlex
from pathlib import Path

from suite.fingerprint.probe import Facts, Source, UnreadableError, read_text
from suite.fingerprint.text import known, pairs


def parse_os_release(text: str) -> Facts:
    """Read name and version from ``/etc/os-release`` (see os-release(5); rolling distributions have no version)."""
    lines = {key: _unquote(value) for key, value in pairs(text, "=").items() if not key.startswith("#")}
    return known(
        os_name=lines.get("NAME") or lines.get("PRETTY_NAME"),
        os_version=lines.get("VERSION") or lines.get("VERSION_ID") or lines.get("BUILD_ID"),
    )


def sources_linux() -> list[Source]:
    """Return Linux's sources of the distribution's name."""
    return [_os_release("/etc/os-release"), _os_release("/usr/lib/os-release")]


def sources_common() -> list[Source]:
    """Return the sources that are the same on every operating system."""
    return [
        Source(
            name="platform",
            fields=("kernel", "architecture", "os_name", "os_version", "python_implementation", "python_version"),
            read=_read_platform,
        )
    ]


def sources_names() -> list[Source]:
    """Return the sources of the user's and the host's name, for ``--identify`` only."""
    return [
        Source(name="getpass", fields=("user",), read=_read_user),
        Source(name="platform", fields=("host",), read=lambda: known(host=platform.node())),
    ]


def _os_release(path: str) -> Source:
    return Source(name=path, fields=("os_name", "os_version"), read=lambda: parse_os_release(read_text(Path(path))))


def _read_platform() -> Facts:
    return known(
        kernel=f"{platform.system()} {platform.release()}".strip(),
        architecture=platform.machine(),
        os_name=platform.system(),
        os_version=platform.version() if platform.system() != "Linux" else None,
        python_implementation=platform.python_implementation(),
        python_version=platform.python_version(),
    )


def _read_user() -> Facts:
    try:
        return known(user=getpass.getuser())
    except (OSError, KeyError, ImportError):  # KeyError before Python 3.13: no entry in the password file
        raise UnreadableError("this account has no name") from None


def _unquote(value: str) -> str:
    try:
        return " ".join(shlex.split(value))
    except ValueError:  # an unbalanced quotation mark
        return value.strip("\"'")
