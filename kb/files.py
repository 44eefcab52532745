"""Where the shipped files are: the only module that computes a path.

In a checkout the folders stand beside the package; in a wheel they are packed under `kb/_share`.
"""

from __future__ import annotations

import os
from pathlib import Path


def root() -> Path:
    """Return the folder that holds `ontology/`, `shapes/`, `queries/` and `data/`."""
    packed = Path(__file__).parent / "_share"
    return packed if packed.is_dir() else Path(__file__).parent.parent


def is_checkout() -> bool:
    """Tell whether the code runs from a source tree rather than an installed wheel."""
    return (root() / "pyproject.toml").is_file()


def packages() -> Path:
    """Return the folder that holds the package `kb`, for the search path of other processes."""
    return Path(__file__).parent.parent


def home() -> Path:
    """Return the folder of what is built and kept here.

    `ESSAIM_HOME` decides where it is set; otherwise the checkout itself, and the user's data
    folder (XDG Base Directory Specification) for an installed package.
    """
    chosen = os.environ.get("ESSAIM_HOME")
    if chosen:
        return Path(chosen).expanduser()
    if is_checkout():
        return root()
    data_home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data_home) / "essaim"


def releases() -> Path:
    """Return the folder of built releases, which can be built again."""
    return home() / "releases"


def kept() -> Path:
    """Return the folder of what visitors left for good, which cannot be built again."""
    return home() / "kept"
