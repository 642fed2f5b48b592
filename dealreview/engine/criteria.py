"""Criteria of a good fit that the configuration writes down, asked of every deal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from dealreview.checks.facts import Fact, Provider
from dealreview.checks.parameters import Param, Parameter
from dealreview.checks.terms import inputs_of, to_polars
from dealreview.engine.validation import ordered
from dealreview.model.errors import ConfigurationError
from dealreview.model.outcome import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from dealreview.checks.facts import Inputs
    from dealreview.checks.terms import Term
    from dealreview.engine.registry import Problem, Registry

NAME = "settings/criteria"
_CRITERIA = Parameter("fit", dict, {}, Param("Criteria of a good fit, as [[fit]] has them"))
_ANSWERS = {
    "met": "meets",
    "missed": "does not meet",
    "unknown": "has no answer to, for want of a fact",
}


def criteria_provider() -> Provider:
    """Return the provider of answers to the criteria of the configuration, as long as it has none."""
    return _provider({})


def with_criteria(registry: Registry, criteria: Mapping[str, str], source: str) -> Registry:
    """Return the registry with the criteria of a configuration, held against its facts.

    Args:
        registry: What is loaded.
        criteria: Conditions on facts of deals by name.
        source: Name of the configuration, for messages.

    Raises:
        ConfigurationError: A condition that can't be read, names no fact, or asks for the fit itself.
    """
    if not criteria:
        return registry
    terms = {name: _term(registry, name, text, source) for name, text in criteria.items()}
    ours = _provider(terms)
    problems: list[Problem] = []
    others = [provider for provider in registry.providers if provider.name != NAME]
    providers = ordered([*others, ours], problems)
    if problems:
        circle = next(p.cause for p in problems if "needs itself" in p.cause)
        raise ConfigurationError(
            f"{source}: a criterion of [[fit]] asks for what is made of the criteria: {circle}",
            mend="Leave facts about the fit out of it.",
        )
    return evolve(registry, providers=tuple(providers))


def _term(registry: Registry, name: str, text: str, source: str) -> Term:
    from dealreview.checks.sql import parse_condition

    try:
        return parse_condition(text, facts=registry.fact_types[Kind.DEAL])
    except ConfigurationError as error:
        where = f"{source}: [[fit]] '{name}'"
        raise ConfigurationError(f"{where}: {error.message}", mend=error.mend) from error


def _provider(terms: Mapping[str, Term]) -> Provider:
    def criteria(inputs: Inputs) -> pl.DataFrame:
        return _answered(inputs, terms)

    return Provider(
        NAME,
        Kind.DEAL,
        "organisation",
        tuple(
            Fact(
                f"fit_rules_{name}",
                "set",
                f"Criteria of the configuration that the deal {said}.",
                "criteria",
            )
            for name, said in _ANSWERS.items()
        ),
        reads={},
        uses=inputs_of(*terms.values()),
        parameters=(_CRITERIA,),
        function=criteria,
    )


def _answered(inputs: Inputs, terms: Mapping[str, Term]) -> pl.DataFrame:
    """Return the criteria of each deal by their answer."""
    import polars as pl

    frame = inputs.facts() if terms else inputs.subjects()
    met = {name: to_polars(term) for name, term in terms.items()}

    def those(answers: Mapping[str, pl.Expr]) -> pl.Expr:
        named = [pl.when(holds).then(pl.lit(name)) for name, holds in answers.items()]
        nobody = pl.lit([], dtype=pl.List(pl.String))
        return pl.concat_list(named) if named else nobody

    return frame.select(
        "id",
        fit_rules_met=those(met),
        fit_rules_missed=those({name: ~holds for name, holds in met.items()}),
        fit_rules_unknown=those({name: holds.is_null() for name, holds in met.items()}),
    )
