"""Great Expectations itself: run one suite on one frame, and say which of its sentences didn't hold.

The library takes seconds to import, so that whoever builds or runs a suite imports it inside the function.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.expectations.expectation import Expectation


@dataclass(frozen=True)
class Failure:
    """One expectation that failed: on which column, how badly, its words, and the key of every row at fault."""

    column: str
    severity: str
    description: str
    notes: str
    keys: tuple[tuple[Any, ...], ...]


def failures(
    frame: pd.DataFrame, suite: Callable[[], "Sequence[Expectation]"], keys: Sequence[str] = ()
) -> list[Failure]:
    """Validate the frame once. `keys` are the columns by which the rows at fault are named.

    Raises RuntimeError when an expectation couldn't be evaluated: a check that didn't run hasn't passed.
    """
    from great_expectations import ExpectationSuite

    batch = _definition().get_batch({"dataframe": frame})
    result = batch.validate(
        ExpectationSuite(name="tandem", expectations=list(suite())),
        # Only the index list is complete; the list of values stops at 200 (tooling fact sheet, G3).
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": list(keys)},
    )
    return [_failure(each, keys) for each in result.results if not each.success]


@cache
def _definition() -> "BatchDefinition[Any]":
    """A context in memory, for the process: to make one takes longer than most checks. It keeps the frame that it saw
    last, so that a small one is checked after a large one."""
    import great_expectations
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = great_expectations.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("tandem").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole")


def _failure(result: "ExpectationValidationResult", keys: Sequence[str]) -> Failure:
    config = result.expectation_config
    if config is None or (result.exception_info or {}).get("raised_exception", True):
        raise RuntimeError(f"A check could not be run: {config and config.description}.")
    rows = result.result.get("unexpected_index_list") or ()
    return Failure(
        column=config.kwargs["column"],
        severity=config.severity.value,
        description=str(config.description),
        notes=str(config.notes or ""),
        keys=tuple(tuple(row[key] for key in keys) for row in rows) if keys else (),
    )
