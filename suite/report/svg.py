"""Figures as SVG that can stand inside an HTML page: text is text, nothing is random, ids do not collide."""

from __future__ import annotations

import io
import re
from typing import Any

import matplotlib as mpl
from markupsafe import Markup, escape
from matplotlib.backends.backend_svg import FigureCanvasSVG

from suite.report import charts
from suite.report.document import Figure

SETTINGS: Any = {
    "svg.fonttype": "none",  # text stays text: it can be searched, read aloud and set in the reader's own font
    "svg.hashsalt": "evenmatch",  # else ids are random and no two renderings alike
    "path.simplify": False,
    "font.family": "DejaVu Sans",  # comes with matplotlib, so that layout is the same on every machine
    "text.parse_math": False,  # names may hold dollar signs
}
DECIMALS = re.compile(r"(\d+\.\d\d)\d+")
TAG = re.compile(r"<[^>]*>")
GROUP = re.compile(r' id="([^"]*)"')
REFERENCE = re.compile(r'url\(#([^)]*)\)|xlink:href="#([^"]*)"')


def inline(figure: Figure, identity: str) -> Markup:
    """Return ``figure`` as an ``<svg>`` element whose ids all begin with ``identity``, unique in its page."""
    with mpl.rc_context(SETTINGS):
        drawn = charts.draw(figure.chart)
        target = io.StringIO()
        FigureCanvasSVG(drawn).print_svg(target, metadata={"Date": None, "Creator": None})  # type: ignore[no-untyped-call]
    return _embed(target.getvalue(), figure, identity)


def _embed(svg: str, figure: Figure, identity: str) -> Markup:
    body = svg[svg.index("<svg") :]
    viewbox = re.search(r'viewBox="([^"]*)"', body)
    assert viewbox is not None, "matplotlib writes a viewBox"
    body = body[body.index(">") + 1 :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    body = _rename(body, identity)
    body = TAG.sub(lambda match: DECIMALS.sub(r"\1", match[0]), body)
    body = re.sub(r"\s*\n\s*", "\n", body).strip()
    head = (
        f'<svg viewBox="{viewbox.group(1)}" role="img" aria-labelledby="{identity}-title {identity}-desc">'
        f'<title id="{identity}-title">{escape(figure.title)}</title>'
        f'<desc id="{identity}-desc">{escape(figure.description)}</desc>'
    )
    return Markup(head + body)  # noqa: S704 (all text in it went through matplotlib's or our own escaping)


def _rename(body: str, identity: str) -> str:
    """Drop ids that nothing refers to and put ``identity`` before the others."""
    used = {first or second for first, second in REFERENCE.findall(body)}
    body = GROUP.sub(lambda match: f' id="{identity}-{match[1]}"' if match[1] in used else "", body)
    body = re.sub(r"url\(#", f"url(#{identity}-", body)
    return re.sub(r'xlink:href="#', f'href="#{identity}-', body)
