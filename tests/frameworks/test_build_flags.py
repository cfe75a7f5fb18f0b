"""Library build flags, from what the libraries print of themselves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from suite.frameworks.pytorch.settings import parse_build
from suite.frameworks.tensorflow.settings import accelerator

X86 = """PyTorch built with:
  - GCC 13.3
  - C++ Version: 202002
  - Intel(R) oneAPI Math Kernel Library Version 2024.2-Product Build 20240605 for Intel(R) 64 architecture applications
  - Intel(R) MKL-DNN v3.12.0 (Git Hash 80afa71049cd69a3df32adcccb623b12cd7baa22)
  - OpenMP 201511 (a.k.a. OpenMP 4.5)
  - Build settings: BLAS_INFO=mkl, BUILD_TYPE=Release, USE_MKL=ON
"""
ARM = """PyTorch built with:
  - clang 16.0.0
  - OpenMP 202011 (a.k.a. OpenMP 5.1)
  - LAPACK is enabled (usually provided by Accelerate)
  - Build settings: BLAS_INFO=accelerate, BUILD_TYPE=Release, USE_MKLDNN=OFF
"""


def test_build_of_an_intel_wheel() -> None:
    assert parse_build(X86) == {"build_compiler": "GCC 13.3", "build_blas": "MKL 2024.2", "onednn_version": "3.12.0"}


def test_build_without_mkl_names_what_it_was_built_with() -> None:
    assert parse_build(ARM) == {"build_compiler": "clang 16.0.0", "build_blas": "accelerate"}


@given(st.text(max_size=200) | st.lists(st.sampled_from((X86 + ARM).split(" "))).map(" ".join))
def test_any_text_gives_short_words_or_nothing(text: str) -> None:
    found = parse_build(text)
    assert found.keys() <= {"build_compiler", "build_blas", "onednn_version"}
    assert all(value and "\n" not in value for value in found.values())


def test_what_tensorflow_was_built_for() -> None:
    assert accelerator({"is_cuda_build": False, "is_rocm_build": False}) == "processor"
    assert accelerator({"is_cuda_build": True, "cuda_version": "12.5.1"}) == "CUDA 12.5.1"
    assert accelerator({"is_cuda_build": True}) == "CUDA"
    assert accelerator({"is_rocm_build": True}) == "ROCm"
