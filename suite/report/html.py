"""The report as one HTML file that loads nothing."""

from __future__ import annotations

import base64
import itertools
from pathlib import Path

import jinja2
import pygments
from markupsafe import Markup
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from suite.errors import InputError
from suite.report import names, svg
from suite.report.document import Code, Figure, Report

STYLE = "xcode"
"""Pygments' name of the colours in code."""

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


def render(report: Report) -> str:
    """Return ``report`` as the text of an HTML file.

    Raises:
        InputError: the templates are not where the package expects them.
    """
    numbers = itertools.count(1)

    def picture(figure: Figure) -> Markup:
        return svg.inline(figure, f"chart{next(numbers)}")

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(picture=picture, colour=names.colour, pixels=_pixels, highlighted=_highlighted)
    try:
        css = Markup((TEMPLATES / "report.css").read_text(encoding="utf-8"))  # noqa: S704 (a file of this project)
        template = environment.get_template("report.html.j2")
    except (OSError, jinja2.TemplateNotFound):
        raise InputError(f"{TEMPLATES} holds no report.html.j2 and report.css: install evenmatch again.") from None
    if any(isinstance(block, Code) for section in report.sections for block in section.blocks):
        css += Markup("\n" + HtmlFormatter(style=STYLE).get_style_defs(".code"))  # noqa: S704 (Pygments makes it)
    return template.render(report=report, css=css)


def _highlighted(code: Code) -> Markup:
    """Return a program's text with its words marked by kind."""
    lexer = get_lexer_by_name(code.language, stripnl=False)
    return Markup(pygments.highlight(code.text, lexer, HtmlFormatter(nowrap=True)))  # noqa: S704 (it escapes)


def _pixels(png: bytes) -> str:
    """Return a PNG file as an address that holds it whole, so that nothing has to be loaded."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
