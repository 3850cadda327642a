"""Where the schemas and fixtures are, in a wheel or a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent.parent


def resource(folder: str, name: str) -> Path:
    """Return the path of a file in ``schemas`` or ``fixtures``.

    A wheel carries both folders inside the package; a checkout has them at its top level.
    """
    packaged = _PACKAGE / folder
    return (packaged if packaged.is_dir() else _CHECKOUT / folder) / name


def resources(folder: str) -> list[Path]:
    """Return the paths of all files in ``schemas`` or ``fixtures``, by name."""
    return sorted(resource(folder, "").iterdir())
