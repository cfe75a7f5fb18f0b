"""How large a program is, and how much of a framework it uses: read from its source, not by eye."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import radon.raw

from suite.published.programs import Program

ROOTS: Mapping[str, Collection[str]] = {
    "pytorch": ("torch", "torchvision"),
    "tensorflow": ("tensorflow", "keras"),
    "keras": ("keras", "tensorflow"),
}
"""The packages that belong to a framework, by its name."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """What a program's source measures.

    ``logical`` lines are Radon's: statements, however they are broken over lines. ``source`` lines are those with code
    on them. ``calls`` are the calls by a name of the framework, ``names`` the different names of it that are used,
    but for those that only state types; what a method of an object is cannot be told from the source and does not
    count.
    """

    logical: int
    source: int
    calls: int
    names: tuple[str, ...]


def exhibit(program: Program) -> str:
    """Return the source of a program; nothing for one that has no exhibit of its own."""
    folder = type(program).__module__.rpartition(".")[2]
    path = Path(__file__).parent / "programs" / folder / "program.py"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def measured(source: str, roots: Collection[str]) -> Size:
    """Return the size of ``source``; ``roots`` are the framework's packages."""
    tree = ast.parse(source)
    aliases = dict(_aliases(tree))
    raw = radon.raw.analyze(source)
    inner = set(_of_types(tree))
    inner |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    used = [
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in inner
        for name in [_resolved(node, aliases)]
        if name and name.split(".")[0] in roots
    ]
    calls = [_resolved(node.func, aliases) or "" for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return Size(
        logical=raw.lloc,
        source=raw.sloc,
        calls=sum(name.split(".")[0] in roots for name in calls),
        names=tuple(sorted(set(used))),
    )


def _of_types(tree: ast.AST) -> Iterator[int]:
    """Yield the places of what only says of which type something is."""
    for node in ast.walk(tree):
        for said in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if said is not None:
                yield from map(id, ast.walk(said))


def _aliases(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield what each imported name stands for: ``nn`` for ``torch.nn``."""
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                for alias in node.names:
                    root = alias.name.partition(".")[0]
                    yield (alias.asname, alias.name) if alias.asname else (root, root)
            case ast.ImportFrom(module=str(module)):
                yield from ((alias.asname or alias.name, f"{module}.{alias.name}") for alias in node.names)


def _resolved(node: ast.AST, aliases: Mapping[str, str]) -> str | None:
    """Return the full name that a chain of attributes stands for, None where it starts at nothing imported."""
    match node:
        case ast.Name(id=name):
            return aliases.get(name)
        case ast.Attribute(value=value, attr=attribute):
            start = _resolved(value, aliases)
            return f"{start}.{attribute}" if start else None
        case _:
            return None
