"""Colours: the same thing has the same colour everywhere, and each can be seen on both themes."""

from collections.abc import Iterable, Mapping
from typing import Any
from zlib import crc32

Figure = dict[str, Any]

BLUE, ORANGE, GREEN, VIOLET = "#3b82f6", "#dd6b20", "#2f9e5b", "#8b5cf6"
PINK, TEAL, RED, OLIVE = "#db4a8f", "#0d9488", "#e5484d", "#8f8a1c"
SKY, BROWN, PLUM, LIME = "#1b8fc4", "#b07d3c", "#a855c7", "#5f9a17"
GREY = "#7b8494"

PALETTE = (BLUE, ORANGE, GREEN, VIOLET, PINK, TEAL, OLIVE, SKY, BROWN, PLUM, LIME, RED)
"""Each at least 3:1 against both panels (WCAG 2.2, 1.4.11), so that a theme changes no series."""

SOURCE_COLOURS: Mapping[str, str] = {
    "observatory": BLUE,
    "policy-engine": VIOLET,
    "sentinel": RED,
    "costops": GREEN,
    "marketplace": ORANGE,
    "registry": TEAL,
    "governance-dashboard": BROWN,
    "analytics-hub": PINK,
}

PANELS = {"light": "#ffffff", "dark": "#1a1f27"}
TEXTS = {"light": "#4a5465", "dark": "#a9b4c4"}
STRONG_TEXTS = {"light": "#161c26", "dark": "#eef1f6"}
GRIDS = {"light": "#e8ebf0", "dark": "#2a313c"}

OTHER, UNKNOWN = "other", ""


def colours_of(names: Iterable[str]) -> dict[str, str]:
    """A colour for each name: its own where it has one, else by its spelling.

    No two share one unless there are more names than colours; "other" and unknown are grey.
    """
    wanted = sorted(set(names) - {OTHER, UNKNOWN})
    taken = {name: SOURCE_COLOURS[name] for name in wanted if name in SOURCE_COLOURS}
    for name in wanted:
        if name not in taken:
            taken[name] = _free_colour(name, set(taken.values()))
    return taken | {OTHER: GREY, UNKNOWN: GREY}


def template(scheme: str) -> Figure:
    """The plotly template of a theme: `light` or `dark`."""
    axis = {
        "gridcolor": GRIDS[scheme],
        "linecolor": GRIDS[scheme],
        "zeroline": False,
        "automargin": True,
        "tickfont": {"color": TEXTS[scheme], "size": 11},
    }
    return {
        "layout": {
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": "inherit", "color": TEXTS[scheme], "size": 12},
            "colorway": list(PALETTE),
            "xaxis": axis | {"showgrid": False},
            "yaxis": axis,
            "legend": {"font": {"color": TEXTS[scheme], "size": 11}},
            "hoverlabel": {
                "bgcolor": PANELS[scheme],
                "bordercolor": GRIDS[scheme],
                "font": {"color": STRONG_TEXTS[scheme], "size": 12},
            },
        }
    }


TEMPLATES = {scheme: template(scheme) for scheme in PANELS}


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two `#rrggbb` colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _free_colour(name: str, taken: set[str]) -> str:
    start = crc32(name.encode("utf-8", "replace")) % len(PALETTE)
    ring = [*PALETTE[start:], *PALETTE[:start]]
    return next((colour for colour in ring if colour not in taken), ring[0])
