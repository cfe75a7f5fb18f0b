from __future__ import annotations

import pytest

from suite import quota
from suite.fingerprint import cgroup
from suite.fingerprint.probe import UnreadableError


def write(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")


def test_throttling_in_the_units_of_both_versions(tmp_path):
    version1 = "nr_periods 10\nnr_throttled 4\nthrottled_time 2500000000\n"
    version2 = "usage_usec 77\nnr_periods 10\nnr_throttled 4\nthrottled_usec 2500000\n"
    expected = {"quota_throttles": 4, "quota_throttled_s": 2.5}
    assert cgroup.parse_cpu_stat(version1) == cgroup.parse_cpu_stat(version2) == expected
    write(tmp_path / "a", cpu__stat=version2)
    assert cgroup.throttling({"": "/a"}, tmp_path) == expected
    with pytest.raises(UnreadableError, match="no control group here counts throttling"):
        cgroup.throttling({"": "/b"}, tmp_path)


def test_where_the_kernel_shows_no_control_groups_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(quota, "OWN", tmp_path / "absent")
    for read in (cgroup.cpu_quota, cgroup.memory_limit):
        with pytest.raises(UnreadableError, match="absent does not exist"):
            read()
