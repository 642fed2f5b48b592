"""What the program does before it imports anything else; imported first by whoever measures it."""

from __future__ import annotations

from dealreview.cli.allocator import keep_freed_memory
from dealreview.cli.collector import collect_seldom

keep_freed_memory()
collect_seldom()
