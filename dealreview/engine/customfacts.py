"""Custom source columns (``x.<name>`` of a mapping) as facts ``x_<name>``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.checks.facts import Fact, Provider
from dealreview.model.outcome import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from dealreview.store.schema import Column
    from dealreview.store.tables import Tables

TABLE_OF = {Kind.DEAL: "deals", Kind.ACCOUNT: "accounts", Kind.REP: "people"}


def custom_providers(tables: Tables) -> tuple[Provider, ...]:
    """Return a provider for the custom fields of each kind of subject that has any."""
    found = []
    for kind, table in TABLE_OF.items():
        columns = tables.custom_columns(table)
        if columns:
            found.append(_provider(kind, table, columns, tables))
    return tuple(found)


def _provider(kind: Kind, table: str, columns: Iterable[Column], tables: Tables) -> Provider:
    facts = tuple(
        Fact(
            column.name, column.type, column.description or f"Custom field of {table}", column.unit
        )
        for column in columns
    )

    def custom(_inputs: object) -> pl.DataFrame:
        return tables.custom(table)

    step = "organisation" if kind is Kind.REP else "local"
    return Provider(f"custom/{table}", kind, step, facts, {}, (), (), custom)
