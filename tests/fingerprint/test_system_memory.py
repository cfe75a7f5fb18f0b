from __future__ import annotations

from suite.fingerprint import memory, system
from suite.fingerprint.libraries import name_of_blas, parse_threadpools
from suite.fingerprint.probe import collect


def test_meminfo(sample):
    assert memory.parse_meminfo(sample("meminfo.txt")) == {
        "ram_bytes": 24684084 * 1024,
        "available_bytes": 24276184 * 1024,
        "swap_bytes": 2097148 * 1024,
        "swap_used_bytes": 1048576 * 1024,
    }


def test_os_release(sample):
    assert system.parse_os_release(sample("os_release_debian.txt")) == {
        "os_name": "Debian GNU/Linux",
        "os_version": "12 (bookworm)",
    }
    assert system.parse_os_release("NAME='Arch Linux'\n# VERSION=1\nBUILD_ID=rolling\n") == {
        "os_name": "Arch Linux",
        "os_version": "rolling",
    }
    assert system.parse_os_release('NAME="half\n') == {"os_name": "half"}


def test_an_account_without_a_name_is_unknown(monkeypatch):
    def nameless():
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(system.getpass, "getuser", nameless)
    facts, _ = collect(system.sources_names(), ("user", "host"))
    assert facts["user"] == "unknown because this account has no name"


def test_thread_pools_keep_no_paths():
    pools = parse_threadpools(
        [
            {
                "user_api": "openmp",
                "internal_api": "openmp",
                "num_threads": 4,
                "version": None,
                "filepath": "/home/me/x",
            },
            {
                "user_api": "blas",
                "internal_api": "mkl",
                "version": "2024.1-Product",
                "num_threads": 4,
                "threading_layer": "gnu",
                "filepath": "/home/me/libmkl_rt.so",
            },
        ]
    )
    assert "/home" not in str(pools)
    assert pools[0] == {"user_api": "openmp", "internal_api": "openmp", "num_threads": 4}
    assert name_of_blas(pools) == "mkl 2024.1-Product"
    assert name_of_blas(pools[:1]) is None
