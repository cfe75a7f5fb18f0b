from __future__ import annotations

import pytest

from suite.fingerprint import caches, cpu, pycpuinfo, simd

KIB, MIB = 1024, 1024**2


def test_a_xeon_states_vendor_model_base_clock_and_vector_instructions(sample):
    assert cpu.parse_proc_cpuinfo(sample("cpuinfo_xeon.txt")) == {
        "cpu_vendor": "GenuineIntel",
        "cpu_model": "Intel(R) Xeon(R) CPU E5-2686 v4 @ 2.30GHz",
        "base_mhz": 2300.0,
        "simd": ["avx", "avx2", "f16c", "fma", "sse4.2"],
    }


def test_the_current_clock_is_a_reading_and_never_identity(sample):
    text = sample("cpuinfo_xeon.txt")
    assert cpu.parse_core_mhz(text) == [2698.37, 1200.012]
    assert cpu.parse_proc_cpuinfo(text) == cpu.parse_proc_cpuinfo(text.replace("2698.370", "3100.000"))


def test_a_guest_whose_name_states_no_clock_has_none(sample):
    facts = cpu.parse_proc_cpuinfo(sample("cpuinfo_epyc_guest.txt"))
    assert "base_mhz" not in facts
    assert facts["cpu_model"] == "AMD EPYC"
    assert {"amx", "avx512f", "avx512_vnni"} <= set(facts["simd"])


def test_arm_kernels_name_no_model_but_their_features(sample):
    assert cpu.parse_proc_cpuinfo(sample("cpuinfo_neoverse.txt")) == {"simd": ["dotprod", "fp16", "neon"]}
    assert cpu.parse_core_mhz(sample("cpuinfo_neoverse.txt")) == []


def test_a_raspberry_is_named_by_its_board(sample):
    assert cpu.parse_proc_cpuinfo(sample("cpuinfo_raspberry.txt"))["cpu_model"] == "Raspberry Pi 4 Model B Rev 1.2"


def test_lscpu_names_arm_parts_and_counts_cores(sample):
    facts = cpu.parse_lscpu(sample("lscpu_grace.txt"))
    assert facts == {
        "cpu_vendor": "ARM",
        "cpu_model": "Neoverse-V2",
        "physical_cores": 72,
        "logical_cores": 72,
        "smt": False,
        "max_mhz": 3474.0,
        "l1d_bytes": int(4.5 * MIB),
    }


def test_lscpu_sums_caches(sample):
    assert caches.parse_lscpu_caches(sample("lscpu_epyc_guest.txt")) == {
        "l1d_bytes": 64 * KIB,
        "l1i_bytes": 64 * KIB,
        "l2_bytes": 2 * MIB,
        "l3_bytes": 32 * MIB,
    }


def test_an_old_lscpu_prints_one_instance_so_its_caches_are_not_taken_for_sums(sample):
    facts = cpu.parse_lscpu(sample("lscpu_old.txt"))
    assert not any(field in facts for field in caches.FIELDS)
    assert facts["physical_cores"] == 36


def test_a_cache_shared_by_two_cores_counts_once():
    files = {}
    for core in (0, 1):
        for index, (level, kind, size, shared) in enumerate(
            [("1", "Data", "32K", str(core)), ("1", "Instruction", "32K", str(core)), ("3", "Unified", "32768K", "0-1")]
        ):
            folder = f"/sys/devices/system/cpu/cpu{core}/cache/index{index}"
            files |= {f"{folder}/level": level + "\n", f"{folder}/type": kind + "\n"}
            files |= {f"{folder}/size": size + "\n", f"{folder}/shared_cpu_list": shared + "\n"}
    assert caches.parse_sysfs_caches(files) == {"l1d_bytes": 64 * KIB, "l1i_bytes": 64 * KIB, "l3_bytes": 32 * MIB}


def test_cpufreq_gives_governor_and_clocks_in_mhz():
    folder = "/sys/devices/system/cpu/cpu0/cpufreq"
    files = {
        f"{folder}/scaling_governor": "powersave\n",
        f"{folder}/base_frequency": "2300000\n",
        f"{folder}/cpuinfo_max_freq": "4500000\n",
        "/sys/devices/system/cpu/cpu8/cpufreq/scaling_governor": "performance\n",
        "/sys/devices/system/cpu/cpu8/cpufreq/cpuinfo_max_freq": "3300000\n",
    }
    assert cpu.parse_cpufreq(files) == {
        "governor": "performance and powersave",
        "base_mhz": 2300.0,
        "max_mhz": 4500.0,
    }


def test_amd_states_its_base_clock_in_mhz_elsewhere():
    assert cpu.parse_cpufreq({"/sys/devices/system/cpu/cpu0/acpi_cppc/nominal_freq": "3400\n"}) == {"base_mhz": 3400.0}


@pytest.mark.parametrize(
    ("files", "kinds"),
    [
        (
            {"/sys/devices/cpu_core/cpus": "0-15\n", "/sys/devices/cpu_atom/cpus": "16-23\n"},
            "16 performance and 8 efficiency (logical)",
        ),
        (
            {f"/sys/devices/system/cpu/cpu{n}/cpu_capacity": "1024\n" if n < 2 else "446\n" for n in range(6)},
            "2 of capacity 1024 and 4 of capacity 446",
        ),
        ({"/sys/devices/system/cpu/cpu0/cpu_capacity": "1024\n"}, "all alike"),
        ({}, "all alike"),
    ],
)
def test_core_kinds(files, kinds):
    assert cpu.parse_core_kinds(files) == {"core_kinds": kinds}


@pytest.mark.parametrize(("text", "count"), [("0-3,8,10-11\n", 7), ("", 0), ("5", 1), ("3-1", 0), ("0-x", 0)])
def test_cpu_lists(text, count):
    assert cpu.cpu_count_of_list(text) == count


def test_simd_names_are_the_same_from_linux_and_macos():
    linux = simd.from_flags(["asimd", "asimdhp", "asimddp", "unheard_of"])
    macos = simd.from_sysctl(
        {"hw.optional.neon": "1", "hw.optional.arm.FEAT_FP16": "1", "hw.optional.arm.FEAT_DotProd": "1"}
    )
    assert linux == macos == ["dotprod", "fp16", "neon"]


def test_pycpuinfo_gives_neither_clock_nor_l3(sample):
    assert pycpuinfo.parse_pycpuinfo(sample("pycpuinfo_epyc.json")) == {
        "cpu_vendor": "AuthenticAMD",
        "cpu_model": "AMD EPYC",
        "simd": ["avx", "avx2", "fma", "sse4.2"],
        "l1d_bytes": 64 * KIB,
        "l1i_bytes": 64 * KIB,
        "l2_bytes": 2 * MIB,
    }


def test_pycpuinfo_is_near_empty_on_apple_silicon(sample):
    assert pycpuinfo.parse_pycpuinfo(sample("pycpuinfo_m1.json")) == {"cpu_model": "Apple M1 Pro"}
