"""The vector instructions that decide how fast a framework can be, picked from a CPU's long list of flags."""

from __future__ import annotations

from collections.abc import Iterable

from suite.fingerprint.text import integer

_OF_FLAG = {
    "sse4_2": "sse4.2",
    "avx": "avx",
    "f16c": "f16c",
    "fma": "fma",
    "avx2": "avx2",
    "avx_vnni": "avx_vnni",
    "avx512f": "avx512f",
    "avx512bw": "avx512bw",
    "avx512_vnni": "avx512_vnni",
    "avx512_bf16": "avx512_bf16",
    "avx512_fp16": "avx512_fp16",
    "amx_tile": "amx",
    "amx_bf16": "amx_bf16",
    "amx_int8": "amx_int8",
    "asimd": "neon",
    "neon": "neon",
    "asimdhp": "fp16",
    "asimddp": "dotprod",
    "bf16": "bf16",
    "i8mm": "i8mm",
    "sve": "sve",
    "sve2": "sve2",
    "sme": "sme",
    "altivec": "altivec",
    "vsx": "vsx",
}
"""Linux's flag names (arch/*/include/asm/cpufeatures.h, hwcap.h), also archspec's and py-cpuinfo's, to plain names."""

_OF_SYSCTL = {
    "hw.optional.neon": "neon",
    "hw.optional.AdvSIMD": "neon",
    "hw.optional.arm.FEAT_FP16": "fp16",
    "hw.optional.arm.FEAT_DotProd": "dotprod",
    "hw.optional.arm.FEAT_BF16": "bf16",
    "hw.optional.arm.FEAT_I8MM": "i8mm",
    "hw.optional.arm.FEAT_SME": "sme",
    "hw.optional.sse4_2": "sse4.2",
    "hw.optional.avx1_0": "avx",
    "hw.optional.f16c": "f16c",
    "hw.optional.fma": "fma",
    "hw.optional.avx2_0": "avx2",
    "hw.optional.avx512f": "avx512f",
    "hw.optional.avx512bw": "avx512bw",
}
"""macOS's names, as in Apple's "Determining Instruction Set Characteristics"."""


def from_flags(flags: Iterable[str]) -> list[str]:
    """Return the plain names of the vector instructions among CPU flags, sorted; often empty."""
    return sorted({_OF_FLAG[flag] for flag in flags if flag in _OF_FLAG})


def from_sysctl(values: dict[str, str]) -> list[str]:
    """Return the plain names of the vector instructions that macOS says are there, sorted."""
    return sorted({name for key, name in _OF_SYSCTL.items() if integer(values.get(key)) == 1})
