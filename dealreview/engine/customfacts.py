"""Custom source columns (``x.<name>`` of a mapping) as facts ``x_<name>``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.checks.facts import Fact, Provider
from dealreview.model.outcome import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from dealreview.checks.facts import Inputs
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


def _provider(kind: Kind, table: str, columns: Sequence[Column], tables: Tables) -> Provider:
    instants = [column.name for column in columns if column.type == "instant"]
    facts = tuple(
        Fact(
            column.name,
            "date" if column.name in instants else column.type,
            column.description or f"Custom field of {table}",
            column.unit,
        )
        for column in columns
    )

    def custom(inputs: Inputs) -> pl.DataFrame:
        import polars as pl

        days = [inputs.local_day(pl.col(name)).alias(name) for name in instants]
        return tables.custom(table).with_columns(days)

    step = "organisation" if kind is Kind.REP else "local"
    return Provider(f"custom/{table}", kind, step, facts, {}, (), (), custom)
