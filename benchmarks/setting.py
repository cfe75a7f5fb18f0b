"""What all benchmarks of one call share: environments, data, threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from suite import data, fingerprint, home, locks, process, profiles
from suite.environments import native
from suite.errors import CellsFailedError
from suite.frameworks import Framework
from suite.runner import worker_environment


@dataclass(frozen=True, kw_only=True, eq=False)
class Setting:
    """Sound environments by framework, prepared twin images, and how much to measure."""

    frameworks: dict[str, Framework]
    pythons: dict[str, Path]
    data_folder: Path
    threads: int
    rounds: int
    say: Callable[[str], None]
    source: Path | None = None
    """Folder of real data, where one was named."""

    def run(self, framework: str, module: str, *arguments: Path) -> None:
        """Run ``module`` in the environment of ``framework``, with a worker's environment variables.

        Raises:
            CellsFailedError: it failed; the message has the end of what it printed.
        """
        command = [str(self.pythons[framework]), "-m", module, *map(str, arguments)]
        code, _, errors = process.run(command, env=worker_environment() | {"EVENMATCH_DRIVER_PIPE": "0"})
        if code:
            raise CellsFailedError(f"{module} in the environment of {framework} failed: {errors.strip()[-800:]}")


def prepare(rounds: int, threads: int | None, say: Callable[[str], None], source: Path | None = None) -> Setting:
    """Build or check the environments of this machine's profile and make the twin images.

    Raises:
        InputError, UnsupportedError: see their stages.
    """
    home.require_checkout()
    profile = profiles.of_this_machine()
    available = {each.name: each for each in locks.available(profile) if not each.further}
    return Setting(
        frameworks=available,
        pythons={name: native.ensure(profile, framework, say).python for name, framework in available.items()},
        data_folder=data.prepare("cifar10-twin", source=None, cache=home.cache(), say=say).folder,
        source=source or (Path(named) if (named := os.environ.get(data.VARIABLE)) else None),
        threads=threads or fingerprint.usable_cores(),
        rounds=rounds,
        say=say,
    )
