"""What limits this process, from the control groups of both versions."""

from __future__ import annotations

import pytest

from suite import quota


def write(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "cores"),
    [("max 100000\n", None), ("150000 100000\n", 1.5), ("200000 50000", 4.0), ("", None), ("1 0", None), ("x y", None)],
)
def test_version_2_quota(text, cores):
    assert quota.parse_cpu_max(text) == cores


@pytest.mark.parametrize(
    ("allowed", "period", "cores"), [("-1\n", "100000\n", None), ("250000\n", "100000\n", 2.5), ("", "", None)]
)
def test_version_1_quota(allowed, period, cores):
    assert quota.parse_cfs_quota(allowed, period) == cores


def test_memory_limits():
    assert quota.parse_memory_limit("max\n") is None
    assert quota.parse_memory_limit("9223372036854771712\n") is None, "version 1's way to say that there is none"
    assert quota.parse_memory_limit("2147483648\n") == 2 * 1024**3


def test_own_groups_of_both_versions():
    assert quota.parse_self_cgroup("4:memory:/a\n2:cpu,cpuacct:/docker/f00\n1:name=systemd:/\n0::/b:c\nnonsense\n") == {
        "memory": "/a",
        "cpu": "/docker/f00",
        "cpuacct": "/docker/f00",
        "name=systemd": "/",
        "": "/b:c",
    }


def test_the_smallest_quota_of_all_outer_groups_holds(tmp_path):
    write(tmp_path / "user/job", cpu__max="max 100000", memory__max="max")
    write(tmp_path / "user", cpu__max="300000 100000", memory__max="4096000")
    paths = {"": "/user/job"}
    assert quota.cpu_quota(paths, tmp_path) == 3.0
    assert quota.memory_limit(paths, tmp_path) == 4096000
    write(tmp_path / "user/job", cpu__max="150000 100000")
    assert quota.cpu_quota(paths, tmp_path) == 1.5


def test_in_a_version_1_container_the_hosts_path_is_absent_and_the_root_is_ours(tmp_path):
    write(tmp_path / "cpu,cpuacct", cpu__cfs_quota_us="200000\n", cpu__cfs_period_us="100000\n")
    assert quota.cpu_quota({"cpu": "/docker/f00"}, tmp_path) == 2.0


def test_no_quota_is_none_and_paths_cannot_climb_out(tmp_path):
    write(tmp_path / "inside")
    write(tmp_path, cpu__max="100000 100000")
    assert quota.cpu_quota({"": "/../.."}, tmp_path / "inside") is None


def test_what_limits_this_process_is_told_whole(tmp_path, monkeypatch):
    write(tmp_path, cpu__max="150000 100000", memory__max="4096000", own="0::/\n")
    monkeypatch.setattr(quota, "OWN", tmp_path / "own")
    monkeypatch.setattr(quota, "MOUNT", tmp_path)
    monkeypatch.setattr(quota.os, "sched_getaffinity", lambda _pid: {3, 1}, raising=False)
    assert quota.seen() == {"quota_cores": 1.5, "cpuset": [1, 3], "memory_bytes": 4096000}
    monkeypatch.setattr(quota, "OWN", tmp_path / "absent")
    assert quota.seen() == {
        "quota_cores": "unknown because this system does not tell",
        "cpuset": [1, 3],
        "memory_bytes": "unknown because this system does not tell",
    }
