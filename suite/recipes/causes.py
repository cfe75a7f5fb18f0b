"""Why a recipe failed, in one sentence: signs in what was printed, else the last line that looks like an error."""

from __future__ import annotations

import re

_SIGNS = (
    (
        r"Segmentation fault[\s\S]*?/triton/",
        "PyTorch's compiler Triton crashes (segmentation fault) when it is loaded in a process that holds TensorFlow",
    ),
    (r"Segmentation fault", "it crashes (segmentation fault)"),
    (
        r"operator torchvision::nms does not exist",
        (
            "torchvision and torch are of unlike builds (operator torchvision::nms does not exist): "
            "take both from one index in one command"
        ),
    ),
    (r"Symbol not found", "the Metal plugin was built for another TensorFlow (symbol not found)"),
    (
        r"Descriptors cannot (?:not )?be created directly",
        "protobuf is too new for this TensorFlow (descriptors cannot be created directly)",
    ),
    (
        r"A module that was compiled using NumPy 1\.x cannot be run in\s+NumPy 2|Numpy is not available",
        "NumPy is too new: the framework was compiled for NumPy 1",
    ),
    (r"cannot import name 'dtensor'", "Keras is too new for this TensorFlow (dtensor cannot be imported)"),
    (
        r"(?P<name>[A-Za-z0-9][\w.-]*)(?:[=<>!~]=?[\w.]+)? has no wheels with a matching",
        "{name} has no wheels for this platform and Python",
    ),
    (
        r"ResolutionImpossible|conflicting dependencies|requirements are unsatisfiable",
        "the packages ask for versions that exclude each other",
    ),
    (r"Failed building wheel for (?P<name>[\w.-]+)", "{name} has no wheel here and could not be built from source"),
    (r"No module named '(?P<name>[\w.]+)'", "the module {name}, which it needs, is not installed"),
    (
        r"No matching distribution found for (?P<name>\S+)",
        "there is no release {name} for this platform and Python",
    ),
    (r"cannot open shared object file|DLL load failed", "a system library that it needs is missing"),
)

_MACHINE = (
    (r"No space left on device|Errno 28|Disk quota exceeded|disk is full", "the disk is full; free some space"),
    (
        (
            r"NewConnectionError|NameResolutionError|Name or service not known|Temporary failure in name resolution|"
            r"Max retries exceeded|ReadTimeoutError|Connection reset by peer|index could not be reached|ProxyError"
        ),
        "a package index could not be reached; is there a network?",
    ),
    (r"\(exit code -9\)", "the system killed it, most likely for want of memory"),
    (r"MemoryError|Cannot allocate memory", "there was too little memory"),
)
"""Failures of this machine, which say nothing about a recipe."""

_ERROR = re.compile(r"^\s*(?:\w+\.)*(?:ERROR|error|\w*Error|\w*Exception)\b\s*:?\s*\S")


def cause(text: str) -> str:
    """Return why what printed ``text`` failed, one sentence without its full stop."""
    for pattern, sentence in _SIGNS:
        match = re.search(pattern, text)
        if match:
            return sentence.format(**match.groupdict())
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if _ERROR.match(line)] or lines
    return (told[-1][:300].rstrip(". ") if told else "") or "it ended without a word"


def ended(sentence: str) -> str:
    """Return a sentence with a full stop, unless it is a question that ends it."""
    return sentence if sentence.endswith(("?", "!", ".")) else f"{sentence}."


def of_this_machine(text: str) -> str:
    """Return what kept this machine from trying, where it was not the recipe's fault; else ""."""
    return next((sentence for pattern, sentence in _MACHINE if re.search(pattern, text)), "")
