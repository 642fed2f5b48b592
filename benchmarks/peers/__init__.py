"""The reference work as other tools do it, each written as its own users would write it.

A peer is a function of the path of a database and of :class:`benchmarks.child.Laps`, which it tells
when it has loaded, computed and written.
"""
