"""Hook specifications and the built-in packs, each a module or a package."""

BUILT_IN = ("core", "pricing", "accounts", "consensus", "operations", "hygiene")
"""Names of the built-in packs, each a module or package of this one."""
