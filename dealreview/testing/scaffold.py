"""A new pack to begin with: a package that installs, with a check in each form, and tests that pass."""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING

from dealreview.model.errors import ConfigurationError
from dealreview.plugins import BUILT_IN

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "pyproject.toml.j2": "pyproject.toml",
    "README.md.j2": "README.md",
    "gitignore.j2": ".gitignore",
    "ci.yml.j2": ".github/workflows/tests.yml",
    "__init__.py.j2": "dealreview_{module}/__init__.py",
    "rules.toml.j2": "dealreview_{module}/rules.toml",
    "case-terms-agreed.toml.j2": "cases/terms-agreed.toml",
    "case-terms-limit.toml.j2": "cases/terms-limit.toml",
    "case-due-soon.toml.j2": "cases/due-soon.toml",
    "test_pack.py.j2": "tests/test_pack.py",
}
"""Templates, and where each goes."""

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def new_pack(name: str, folder: Path) -> list[Path]:
    """Write a pack and return its files.

    Args:
        name: The namespace of its checks: lower case letters, digits and hyphens.
        folder: Where the folder ``dealreview-NAME`` is made.

    Raises:
        ConfigurationError: A name that can't be one or is taken, or a folder that is there already.
    """
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"'{name}' can't be the name of a pack.",
            mend="Use lower case letters, digits and single hyphens, such as acme.",
        )
    if name in BUILT_IN:
        raise ConfigurationError(f"'{name}' is a built-in pack.", mend="Choose another name.")
    target = folder / f"dealreview-{name}"
    if target.exists():
        raise ConfigurationError(
            f"{target} is there already.", mend="Choose another place: --into."
        )
    module = name.replace("-", "_")
    written = []
    for template, place in FILES.items():
        path = target / place.format(module=module)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(filled(template, name, module), encoding="utf-8")
        written.append(path)
    return written


def filled(template: str, name: str, module: str) -> str:
    """Return a template with the names in it."""
    from jinja2 import Environment, StrictUndefined

    text = resources.files(__package__).joinpath("template", template).read_text(encoding="utf-8")
    environment = Environment(  # noqa: S701 - it writes Python and TOML, where nothing is escaped
        undefined=StrictUndefined, keep_trailing_newline=True
    )
    # Facts start with the pack's name; hyphens can't stand in one.
    return environment.from_string(text).render(name=name, module=module, fact=module)
