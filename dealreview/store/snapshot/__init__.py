"""The snapshot: the tables as columnar files beside the database, so that reviews need not read rows.

It holds nothing that the database does not: deleting it costs time only.
"""
