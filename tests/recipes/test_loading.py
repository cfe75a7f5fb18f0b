"""Recipes' files: what is right is read whole, what is wrong is told in one sentence with file and line."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from madeup import RECIPE, TEXT, recipe

from suite.errors import InputError
from suite.recipes import LADDER, loading


def read(text: str) -> object:
    return loading.parse_recipe(text, Path("toy.toml"))


def test_a_recipe_is_read_whole() -> None:
    assert read(TEXT) == RECIPE


def test_what_is_optional() -> None:
    text = TEXT.replace('expects = "trains"', 'fails = "boom"\nat = "imports"\nimports = ["torchvision"]\nnote = "so"')
    assert read(text) == recipe(expects="", fails="boom", at="imports", imports=("torchvision",), note="so")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('title = "A toy"\n', "", "toy.toml lacks the key title"),
        ('"A toy"', "3", "toy.toml, line 1: 'title' has to be text in quotes"),
        ('"linux-cpu"', '"linux-gpu"', "toy.toml, line 2: platform 'linux-gpu' is none of cuda, "),
        ('"pytorch"', '"caffe"', "toy.toml, line 3: framework 'caffe' is none of "),
        ('"3.11"', '"3"', 'toy.toml, line 4: python has to be like "3.11"'),
        ('"official"', '"rumour"', "toy.toml, line 5: kind 'rumour' is none of official, study, known broken"),
        ('["pip install torch==2.13.0"]', '"pip install torch"', "line 6: 'commands' has to be a list of texts"),
        ('["pip install torch==2.13.0"]', "[]", "line 6: a recipe has at least one command"),
        ("pip install torch==2.13.0", "rm -rf /", "line 6: 'rm -rf /' does not begin with pip install"),
        ("torch==2.13.0", "torch --user", "has the option '--user', which no recipe so far has"),
        ("torch==2.13.0", "--index-url https://a.example/x torch", "names an address"),
        ("torch==2.13.0", "--index-url here torch", "names an index other than {pytorch-cpu}"),
        ("torch==2.13.0", "--upgrade", "installs nothing"),
        ("torch==2.13.0", "'torch", "has a quote that is not closed"),
        ('"trains"', '"flies"', "line 7: expects 'flies' is none of resolves, "),
        ('expects = "trains"', 'expects = "trains"\nfails = "x"\nat = "imports"', "line 7: a recipe says either"),
        ('expects = "trains"', 'fails = "x"', "line 7: a recipe says either expects, "),
        ('expects = "trains"', "", "a recipe says either expects, "),
        ('expects = "trains"', 'expect = "trains"', "line 7: unknown key 'expect'; the keys of a recipe are at, "),
        ("[source]", "[sauce]", "toy.toml lacks a table [source]"),
        ("date = 2026-11-21", 'date = "2026-11-21"', "line 12: date has to be a day without quotes"),
        ("date = 2026-11-21", "date = 2026-11-21T10:00:00", "line 12: date has to be a day without quotes"),
        ('address = "https://github.com/x/y"\n', "", "toy.toml lacks the key address"),
        ("[source]", "[source", "toy.toml is no TOML: "),
    ],
)
def test_each_mistake_is_one_sentence(old: str, new: str, sentence: str) -> None:
    assert old in TEXT
    with pytest.raises(InputError) as caught:
        read(TEXT.replace(old, new, 1))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"^toy\.toml"):
        read(text)


@given(st.integers(0, len(TEXT.splitlines()) - 1), st.text(st.characters(codec="utf-8", exclude_characters="\r\n")))
def test_any_line_may_be_damaged(number: int, line: str) -> None:
    lines = TEXT.splitlines()
    lines[number] = line
    with contextlib.suppress(InputError):
        read("\n".join(lines))


def test_names_and_globs_choose(folder: Path) -> None:
    for name in ("cuda-a", "linux-a", "linux-b"):
        platform = "cuda" if name == "cuda-a" else "linux-cpu"
        (folder / f"{name}.toml").write_text(TEXT.replace('"linux-cpu"', f'"{platform}"'))

    def chosen(*select: str, platforms: tuple[str, ...] = ()) -> list[str]:
        return [each.name for each in loading.load_all(select, platforms)]

    assert chosen() == ["cuda-a", "linux-a", "linux-b"]
    assert chosen("linux-*") == ["linux-a", "linux-b"]
    assert chosen("*-a", platforms=("cuda",)) == ["cuda-a"]
    with pytest.raises(InputError, match="unknown recipe 'linux-c': did you mean"):
        chosen("linux-c")
    with pytest.raises(InputError, match="unknown profile 'linux'"):
        chosen(platforms=("linux",))
    with pytest.raises(InputError, match="no recipe matches both"):
        chosen("linux-a", platforms=("cuda",))


def test_a_file_that_cannot_be_read(folder: Path) -> None:
    (folder / "a.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"a\.toml is no UTF-8 text"):
        loading.load("a")
    with pytest.raises(InputError, match=r"b\.toml cannot be read: No such file"):
        loading.load("b")


def test_the_ladder_has_words_for_every_step() -> None:
    from suite.recipes import WORDS

    assert list(WORDS) == ["", *LADDER]
