"""What recipes run in: variables that nothing leaks through, PyTorch's own index, and texts made fit to be kept."""

from __future__ import annotations

import getpass
import os
import platform
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from suite import home, process
from suite.errors import EvenmatchError, UnsupportedError
from suite.installer import find_links, uv
from suite.recipes.commands import FROM_PYTORCH, Install, name_of

ANSWER_S = 60.0
"""How long uv may take to say where PyTorch's own index is."""

_DROPPED = re.compile(r"(PIP|UV|PYTHON|VIRTUAL_ENV|CONDA|PYENV_VERSION|__PYVENV)(_|$|[A-Z])", re.IGNORECASE)
"""Variables by which something other than the recipe would decide what is installed or imported."""

_TRANSPORT = ("cert", "client-cert", "default-timeout", "index-url", "proxy", "retries", "timeout", "trusted-host")
"""Settings of pip's that say how the index is reached, not what is installed: these are kept."""

_ADDRESS = re.compile(r"(?:https?|file)://[^\s'\"<>)\]]+")
_HOST = re.compile(
    r"host='[^']*'|\b[\w.-]*\bpy(?:pi|thonhosted)\.org\b|\bdownload[\w-]*\.py(?:torch)\.org\b", re.IGNORECASE
)
_SHOWN = ("github.com", "pytorch.org", "www.tensorflow.org", "keras.io", "developers.google.com", "numpy.org")
"""Sites whose addresses stay readable in what is kept."""


@dataclass(frozen=True, kw_only=True)
class Wheels:
    """Where PyTorch's builds for the processor come from here: folders of wheels, or PyTorch's own index."""

    places: tuple[str, ...] = ()
    index: str = ""

    def pins(self) -> list[str]:
        """Return what the folders hold of PyTorch's packages, exactly, so that nothing else is taken in their place."""
        found = (path.name.split("-")[:2] for place in self.places for path in _wheels(place))
        return [f"{name}=={version}" for name, version in found]


def wheels_for(install: Install, versions: tuple[str, str]) -> Wheels:
    """Return where an installation from PyTorch's own index takes its packages from.

    Args:
        install: the installation; it names PyTorch's own index.
        versions: Python's version and the platform as uv names it, to ask uv for the index.

    Raises:
        UnsupportedError: no folder of wheels holds them all, and the index cannot be reached.
    """
    asked = {name for name in install.names if name in FROM_PYTORCH}
    places = tuple(place for place in find_links() if _wheels(place))
    held = {name_of(pin) for pin in Wheels(places=places).pins()}
    if asked and asked <= held:
        return Wheels(places=places)
    try:
        index = _ask_uv(*versions)
    except (EvenmatchError, TimeoutError):
        index = ""
    if not index:
        lacking = f", and the folder of wheels here has no {' and no '.join(sorted(asked - held))}" if places else ""
        raise UnsupportedError(f"PyTorch's own CPU index could not be reached{lacking}")
    return Wheels(index=index)


def _ask_uv(python: str, wheel_platform: str) -> str:
    """Return the address of PyTorch's own index, which uv knows and no file here names."""
    command = ["pip", "compile", "--quiet", "--no-header", "--no-deps", "--torch-backend=cpu"]
    command += ["--emit-index-annotation", "--python-version", python, "--python-platform", wheel_platform, "-"]
    match = re.search(r"#\s*from\s+(https?://\S+)", uv(command, input_text="torch\n", timeout_s=ANSWER_S))
    return match[1] if match else ""


def _wheels(place: str) -> list[Path]:
    if urlsplit(place).scheme in ("http", "https"):
        return []
    folder = Path(place.removeprefix("file://"))
    return sorted(path for name in FROM_PYTORCH for path in folder.glob(f"{name}-*.whl"))


def variables() -> dict[str, str]:
    """Return the environment variables for pip and probe: this process's own without what would leak into a recipe."""
    kept = {key: value for key, value in os.environ.items() if not _DROPPED.match(key)}
    return kept | {
        "PIP_CACHE_DIR": str(home.cache() / "recipes" / "downloads"),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_COLOR": "1",
        "PIP_NO_INPUT": "1",
        "PIP_PROGRESS_BAR": "off",
        "PYTHONNOUSERSITE": "1",
        **_transport(),
    }


def _transport() -> dict[str, str]:
    """Return pip's own settings of how an index is reached, from its files and variables, as variables."""
    try:
        code, output, _ = process.run([sys.executable, "-m", "pip", "config", "list"])
    except OSError:
        return {}
    found = {}
    for line in output.splitlines() if code == 0 else []:
        key, _, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if section in ("global", "install", ":env:") and name in _TRANSPORT:
            found[f"PIP_{name.replace('-', '_').upper()}"] = value.strip("'\"")
    return found


def work() -> Path:
    """Return the folder in which each recipe that runs has one of its own."""
    return home.cache() / "recipes" / "work"


def fit_to_keep(text: str) -> str:
    """Return ``text`` without names of registries, hosts and users, and without the folders of this machine."""
    known = {str(work()): "<work>", str(home.cache()): "<cache>"} | dict.fromkeys(find_links(), "<wheels>")
    for place, mark in known.items():  # the folder within another comes before it
        text = text.replace(place, mark)
    text = _ADDRESS.sub(lambda match: match[0] if urlsplit(match[0]).hostname in _SHOWN else "<index>", text)
    text = _HOST.sub("<index>", home.without_user(text))
    for name, mark in ((platform.node(), "<host>"), (_user(), "<user>")):
        if len(name) > 2 and name not in ("root", "localhost"):
            text = re.sub(rf"\b{re.escape(name)}\b", mark, text)
    return text


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
