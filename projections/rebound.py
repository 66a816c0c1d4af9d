"""Rebound (反弹): confirmed dropouts and relapses by school, as the indicators count them."""

from collections.abc import Mapping
from datetime import date

from projections.indicators import BY_NAME, Part

# What counts as a dropout and as a relapse is what the rates count, of any period.
COUNTED_AS: Mapping[str, Part] = {
    "dropout": BY_NAME["dropout_rate"].numerator,
    "relapse": BY_NAME["relapse_rate"].numerator,
}


def named(first: date, last: date) -> dict[str, date]:
    """Give what those conditions name, for a period of any length."""
    return {"first": first, "last": last, "year_starts": first}
