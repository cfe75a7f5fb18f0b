"""The report as one HTML file that loads nothing."""

from __future__ import annotations

import base64
import itertools
from pathlib import Path

import jinja2
from markupsafe import Markup

from suite.errors import InputError
from suite.report import names, svg
from suite.report.document import Figure, Report

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
    environment.globals.update(picture=picture, colour=names.colour, pixels=_pixels)
    try:
        css = Markup((TEMPLATES / "report.css").read_text(encoding="utf-8"))  # noqa: S704 (a file of this project)
        template = environment.get_template("report.html.j2")
    except (OSError, jinja2.TemplateNotFound):
        raise InputError(f"{TEMPLATES} holds no report.html.j2 and report.css: install evenmatch again.") from None
    return template.render(report=report, css=css)


def _pixels(png: bytes) -> str:
    """Return a PNG file as an address that holds it whole, so that nothing has to be loaded."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
