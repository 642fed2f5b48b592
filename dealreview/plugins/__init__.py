"""Hook specifications and the built-in packs, one module a pack."""

BUILT_IN = ("core", "pricing", "accounts", "consensus", "operations", "hygiene")
"""Names of the built-in packs, each a module of this package."""
