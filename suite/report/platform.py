"""The platform of a run: profile, device, how far anybody tried it, containers, and what the GPU did meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from suite import fingerprint, verified
from suite.errors import EvenmatchError
from suite.notes import at, known, number
from suite.notes.devices import ACCELERATORS, PROCESSOR, device
from suite.notes.gpus import cuda, cudnn
from suite.records import Record
from suite.report import text
from suite.report.document import Block, Facts
from suite.report.material import Material, mapping
from suite.report.names import rank, title

VENUES = {"native": "natively, on the machine itself", "container": "in containers"}

DIGEST = 19
"""Characters of a sha256 that tell images apart for a reader: "sha256:" and twelve more."""


def mark(material: Material) -> str:
    """Return what stands beside every verdict of a run that did not compute where its profile is for; or nothing."""
    return str(mapping(material.analysis.get("device")).get("mark") or "")


def banner(material: Material) -> str:
    """Return the sentence at the top of such a report."""
    if not mark(material):
        return ""
    meant = mapping(material.analysis.get("device")).get("accelerators") or []
    names = text.listing([ACCELERATORS.get(str(each), str(each)) for each in meant if each != PROCESSOR])
    return (
        f"Profile {material.profile} is for an {names}, and these runs computed on the processor. That shows that its "
        "environments install and train; no number here says anything about a GPU."
    )


def facts(material: Material) -> list[tuple[str, str]]:
    """Return what the head of a report says of device and venue, where they are not what they always were."""
    used = [each for each in mapping(material.analysis.get("device")).get("used") or [] if each != PROCESSOR]
    rows = [("device", text.listing([ACCELERATORS.get(str(each), str(each)) for each in used]))] if used else []
    rows = [("device", "processor, not the GPU")] if mark(material) else rows
    return rows + ([("ran", "in containers")] if _venues(material) == ["container"] else [])


def blocks(material: Material) -> list[Block]:
    """Return what is known of the platform, of containers where there were any, and of the GPU where one was used."""
    rows = _platform(material)
    found: list[Block] = [Facts(title="Platform", rows=rows)] if rows else []
    inside = [raw for raw in material.ok or material.raws if raw.get("container")]
    found += [Facts(title="Containers", rows=_containers(inside))] if inside else []
    on_gpu = [raw for raw in material.ok if device(raw) not in (None, PROCESSOR)]
    found += [Facts(title="GPU during the runs", rows=rows)] if (rows := _gpu(on_gpu)) else []
    return found


def _platform(material: Material) -> list[tuple[str, str]]:
    plan, rows = mapping(material.plan), []
    stated = mapping(plan.get("platform")).get("title")
    rows.append(("profile", f"{material.profile}: {stated}" if stated else material.profile))
    used = sorted({found for raw in material.ok if (found := device(raw))})
    if used:
        names = text.listing([ACCELERATORS.get(each, "processor") for each in used])
        rows.append(("computed on", f"{names}; {mark(material)}" if mark(material) else names))
    if venues := _venues(material):
        rows.append(("ran", text.listing([VENUES[each] for each in venues])))
    other = list(dict.fromkeys(str(each) for raw in material.ok for each in raw.get("other_versions") or []))
    rows += [("other version than elsewhere", sentence) for sentence in other]
    if tried := _tried(material.profile):
        rows.append(("tried by the authors of this suite", tried))
    return rows


def _tried(profile: str) -> str:
    try:
        found = verified.load().get(profile)
    except EvenmatchError:  # a report can be rendered without the folder of profiles
        return ""
    return f"{found.sentence} ({found.date})" if found else ""


def _venues(material: Material) -> list[str]:
    stated = {"container" if raw["container"] else "native" for raw in material.raws if "container" in raw}
    return sorted(stated, reverse=True)


def _containers(raws: list[Record]) -> list[tuple[str, str]]:
    rows = []
    for framework in _frameworks(raws):
        own = [raw for raw in raws if str(raw.get("framework")) == framework]
        rows.append((f"image, {title(framework)}", _each(own, "container.image", _image)))
    reads: dict[str, tuple[str, Callable[[Any], str]]] = {
        "base image": ("container.image.base", _base),
        "engine": ("container.engine", _engine),
        "limits": ("container", _limits),
        "limits that workers saw": ("limits", _seen),
    }
    rows += [(label, _each(raws, path, words)) for label, (path, words) in reads.items()]
    return [(label, words) for label, words in rows if words]


def _each(raws: list[Record], path: str, words: Callable[[Any], str]) -> str:
    """Return what runs recorded in words, each of them once."""
    return "; ".join(dict.fromkeys(words(found) for raw in raws if isinstance(found := at(raw, path), dict)))


def _image(image: Record) -> str:
    return f"{image.get('name')} ({text.size(number(image.get('bytes')))}, {_short(image.get('id'))})"


def _base(base: Record) -> str:
    digest = base.get("digest")
    what = f"digest {digest}" if digest else f"a local image without a digest, {_short(base.get('id'))}"
    return f"{base.get('name')}, {what}"


def _short(identity: object) -> str:
    return str(identity)[:DIGEST]


def _engine(engine: Record) -> str:
    name = "Docker Engine" if engine.get("engine") == "Engine" else engine.get("engine")  # Docker's word for itself
    parts = [f"{name} {engine.get('version')}", f"API {engine.get('api')}"]
    parts += [f"control groups {engine['cgroup_version']}"] if engine.get("cgroup_version") else []
    parts += [f"storage {engine['storage']}"] if engine.get("storage") else []
    return ", ".join([*parts, *(["rootless"] if engine.get("rootless") else [])])


def _limits(container: Record) -> str:
    parts = [_cores(container.get("quota_cores"), container.get("cpus"))]
    parts += (
        [f"{fingerprint.format_bytes(container['memory_bytes'])} of memory"] if container.get("memory_bytes") else []
    )
    parts += ["no network"] if container.get("network") == "none" else []
    return ", ".join([*parts, *(["root read-only"] if container.get("read_only") else [])])


def _seen(limits: Record) -> str:
    memory = limits.get("memory_bytes")
    amount = f"{fingerprint.format_bytes(memory)} of memory" if number(memory) is not None else "no limit of memory"
    return f"{_cores(limits.get('quota_cores'), limits.get('cpuset'))}, {amount if known(memory) == memory else memory}"


def _cores(quota: object, processors: object) -> str:
    count = number(quota)
    words = "no quota" if count is None else f"{count:g} core{'s' * (count != 1)}"
    names = ", ".join(map(str, processors)) if isinstance(processors, list) else str(processors or "")
    return f"{words} (processors {names})" if names else words


def _gpu(raws: list[Record]) -> list[tuple[str, str]]:
    """Return what the GPUs were like around the runs: settings as they stand, and spans of what moves."""
    around = [(raw, when) for raw in raws for when in ("before", "after")]
    states = [gpu for raw, when in around for gpu in _listed(at(raw, f"machine.{when}.gpu_state"))]
    after = [gpu for raw in raws for gpu in _listed(at(raw, "machine.after.gpu_state"))]
    rows = [
        ("temperature", _span(states, "temperature_c", "°C")),
        ("clock of its processors right after a run", _span(after, "sm_mhz", "MHz")),
        ("largest clock", _span(states, "max_sm_mhz", "MHz")),
        ("clock of its memory", _span(states, "memory_mhz", "MHz")),
        ("power right after a run", _span(after, "power_w", "W")),
        ("power limit", _span(states, "power_limit_w", "W")),
        ("limit it comes with", _span(states, "default_power_limit_w", "W")),
        ("error correction of its memory", _words(states, "ecc")),
        ("divided into instances (MIG)", _words(states, "mig")),
        ("persistence mode", _words(states, "persistence")),
        ("compute capability", _words(states, "compute_capability")),
    ]
    for label, read in (("CUDA", cuda), ("cuDNN", cudnn)):
        for framework in _frameworks(raws):
            own = [{label: read(raw)} for raw in raws if str(raw.get("framework")) == framework]
            rows.append((f"{label} of {title(framework)}", _words(own, label)))
    return [(label, words) for label, words in rows if words]


def _frameworks(raws: list[Record]) -> list[str]:
    return sorted({str(raw.get("framework")) for raw in raws}, key=rank)


def _listed(state: object) -> list[Record]:
    return [gpu for gpu in state if isinstance(gpu, dict)] if isinstance(state, list) else []


def _span(states: list[Record], field: str, unit: str) -> str:
    values = [value for gpu in states if (value := number(gpu.get(field))) is not None]
    if not values:
        return ""
    ends = dict.fromkeys(f"{value:.0f}" for value in (min(values), max(values)))
    return f"{' to '.join(ends)}{text.THIN}{unit}"


def _words(states: list[Record], field: str) -> str:
    return ", ".join(
        dict.fromkeys(text.plain(value) for each in states if (value := known(each.get(field))) is not None)
    )
