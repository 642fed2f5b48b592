"""The version of dealreview, read by the build and printed in every report header."""

__version__ = "0.1.0"

API_VERSION = 1
"""Version of the contract for packs; a pack that was written for another one is refused."""
