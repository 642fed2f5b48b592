"""Authors' code costs only its own result, whatever it raises."""

import polars as pl
import pytest

from dealreview.engine.isolation import Raised, attempt


def raising(error: BaseException) -> None:
    """Raise what is given."""
    raise error


@pytest.mark.parametrize(
    "error",
    [ValueError("x"), SystemExit(3), GeneratorExit(), pl.exceptions.PanicException("x")],
)
def test_everything_is_caught(error: BaseException) -> None:
    """An exit and a panic of a library are caught as an exception is."""
    assert attempt(raising, error) == Raised(error)


def test_an_interruption_is_not() -> None:
    """The user's interruption ends what is running."""
    with pytest.raises(KeyboardInterrupt):
        attempt(raising, KeyboardInterrupt())


def test_a_result_is_returned() -> None:
    """What is returned is returned."""
    assert attempt(divmod, 7, 2) == (3, 1)


def test_what_is_printed() -> None:
    """An exception prints its type and text, the type alone when it has none or can't say it."""

    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("mute")

    assert str(Raised(ValueError("no luck"))) == "ValueError: no luck"
    assert str(Raised(SystemExit())) == "SystemExit"
    assert str(Raised(MuteError())) == "MuteError"
