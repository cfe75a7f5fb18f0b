"""Reading recipes: one TOML file each, refused with a sentence that names file and line."""

from __future__ import annotations

import datetime as dt
import fnmatch
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from suite import home, profiles
from suite.errors import InputError, unknown
from suite.frameworks import frameworks
from suite.recipes import KINDS, LADDER, Recipe, Source
from suite.recipes.commands import parse

LISTS = ("commands", "imports", "builds")
PYTHON = re.compile(r"3\.\d{1,2}")


def folder() -> Path:
    """Return where recipes lie."""
    return home.PLATFORMS / "recipes"


def names() -> list[str]:
    """Return the names of all recipes, from their files' names."""
    return sorted(path.stem for path in folder().glob("*.toml"))


def load_all(select: Sequence[str] = (), platforms: Sequence[str] = ()) -> list[Recipe]:
    """Return the recipes whose names match any of ``select`` (names or globs) on ``platforms``; all, if left out.

    Raises:
        InputError: a file is wrong, or nothing matches.
    """
    known = names()
    for platform in platforms:
        if platform not in profiles.names():
            raise unknown("profile", platform, profiles.names())
    for pattern in select:
        if not fnmatch.filter(known, pattern):
            raise unknown("recipe", pattern, known)
    chosen = [name for name in known if not select or any(fnmatch.fnmatchcase(name, each) for each in select)]
    found = [recipe for recipe in map(load, chosen) if not platforms or recipe.platform in platforms]
    if not found:
        raise InputError("no recipe matches both the names and --platform: leave one of them out.")
    return found


def load(name: str) -> Recipe:
    """Read the recipe called ``name``.

    Raises:
        InputError: there is no such recipe, or its file is not what it has to be; file and line are named.
    """
    path = folder() / f"{name}.toml"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is no UTF-8 text: write it anew.") from None
    return parse_recipe(text, path)


def parse_recipe(text: str, path: Path) -> Recipe:
    """Return the recipe that the text of a file describes.

    Raises:
        InputError: it is no TOML, or a value in it is missing, unknown or of the wrong kind.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} is no TOML: {error}.") from None
    reading = _Reading(path=path, text=text)
    source = values.pop("source", None)
    if not isinstance(source, dict):
        raise InputError(f"{path} lacks a table [source] with title, address and date.")
    reading.refuse_keys(values, {field.name for field in fields(Recipe)} - {"name", "source"}, "recipe")
    reading.refuse_keys(source, {field.name for field in fields(Source)}, "source")
    reading.refuse_missing(values, (f.name for f in fields(Recipe) if f.default is MISSING), {"name", "source"})
    reading.refuse_missing(source, (field.name for field in fields(Source)), set())
    reading.refuse_types(values)
    reading.refuse_values(values, source)
    lists: dict[str, Any] = {key: tuple(values.pop(key)) for key in LISTS if key in values}
    dated = Source(title=source["title"], address=source["address"], date=source["date"].isoformat())
    return Recipe(name=path.stem, source=dated, **values, **lists)


class _Reading:
    """One file being read, for sentences that say where."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()

    def where(self, key: str) -> str:
        """Return the file and the line on which ``key`` begins."""
        pattern = re.compile(rf"^\s*['\"]?{re.escape(key)}['\"]?\s*[].=]")
        number = next((number for number, line in enumerate(self._lines, 1) if pattern.match(line)), 1)
        return f"{self._path}, line {number}"

    def refuse_keys(self, table: dict[str, Any], known: set[str], what: str) -> None:
        for key in table:
            if key not in known:
                raise InputError(
                    f"{self.where(key)}: unknown key '{key}'; the keys of a {what} are {', '.join(sorted(known))}."
                )

    def refuse_missing(self, table: dict[str, Any], needed: Iterable[str], apart: set[str]) -> None:
        missing = sorted(set(needed) - apart - table.keys())
        if missing:
            raise InputError(f"{self._path} lacks the key{'s' * (len(missing) > 1)} {', '.join(missing)}.")

    def refuse_types(self, values: dict[str, Any]) -> None:
        for key, value in values.items():
            texts = value if isinstance(value, list) else None
            if key in LISTS and (texts is None or not all(isinstance(each, str) and each for each in texts)):
                raise InputError(f"{self.where(key)}: '{key}' has to be a list of texts in quotes, not {value!r}.")
            if key not in LISTS and not (isinstance(value, str) and value):
                raise InputError(f"{self.where(key)}: '{key}' has to be text in quotes, not {value!r}.")

    def refuse_values(self, values: dict[str, Any], source: dict[str, Any]) -> None:
        for key, allowed in (
            ("platform", profiles.names()),
            ("framework", list(frameworks())),
            ("kind", KINDS),
            ("expects", LADDER),
            ("at", LADDER),
        ):
            if key in values and values[key] not in allowed:
                raise InputError(f"{self.where(key)}: {key} '{values[key]}' is none of {', '.join(allowed)}.")
        if not PYTHON.fullmatch(values["python"]):
            raise InputError(f'{self.where("python")}: python has to be like "3.11", not {values["python"]!r}.')
        if ("expects" in values) == ("fails" in values) or ("fails" in values) != ("at" in values):
            raise InputError(
                f"{self.where('expects' if 'expects' in values else 'fails')}: a recipe says either expects, the grade "
                "that it should reach, or fails and at, the error with which it should fail and the step."
            )
        if not values["commands"]:
            raise InputError(f"{self.where('commands')}: a recipe has at least one command.")
        for command in values["commands"]:
            try:
                parse(command)
            except ValueError as error:
                raise InputError(f"{self.where('commands')}: '{command}' {error}.") from None
        self._refuse_source(source)

    def _refuse_source(self, source: dict[str, Any]) -> None:
        for key in ("title", "address"):
            if not (isinstance(source[key], str) and source[key]):
                raise InputError(f"{self.where(key)}: '{key}' has to be text in quotes, not {source[key]!r}.")
        date = source["date"]
        if not isinstance(date, dt.date) or isinstance(date, dt.datetime):
            raise InputError(f"{self.where('date')}: date has to be a day without quotes, like 2026-11-21.")
