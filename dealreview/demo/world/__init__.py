"""What happened at the demo company: made from its tables with a fixed seed, the same each time."""

from dealreview.demo.world.make import World, make_world

__all__ = ["World", "make_world"]
