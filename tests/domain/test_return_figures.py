"""A return's lines add up whatever was counted, and say what was recorded late."""

from hypothesis import given, strategies

from domain.return_figures import (
    COLUMN,
    COUNTED,
    DECREASES,
    INCREASES,
    MOVED,
    Figures,
    added,
    balanced,
    figures_of,
)

cells = strategies.dictionaries(
    strategies.tuples(strategies.integers(1, 9), strategies.sampled_from(COUNTED)),
    strategies.integers(-3, 9),
)


def test_every_column_is_an_end_of_the_sum_or_a_part_of_it_or_a_case():
    assert set(COLUMN) == {"opening", "closing", *COUNTED}
    assert set(MOVED) == {*INCREASES, *DECREASES}


def test_a_line_is_a_grade_and_a_late_record_is_in_it_and_shown():
    figures = figures_of(
        {7: 40, 8: 0},
        {(7, "transferred_in"): 2, (8, "visits"): 3},
        {(7, "suspended"): 1, (9, "graduated"): -1, (8, "enrolled"): 0},
    )

    assert [(line["grade"], line["opening"], line["closing"]) for line in figures.lines] == [
        (7, 40, 41),
        (8, 0, 0),
        (9, 0, 1),
    ]
    assert figures.lines[0]["suspended"] == 1
    assert figures.adjustments == [
        {"grade": 9, "column": "graduated", "count": -1},
        {"grade": 7, "column": "suspended", "count": 1},
    ]
    assert figures.closing == {7: 41, 8: 0, 9: 1}


@given(strategies.dictionaries(strategies.integers(1, 9), strategies.integers(0, 99)), cells, cells)
def test_every_line_and_the_total_balance_by_construction(opening, within, adjusted):
    figures = figures_of(opening, within, adjusted)

    assert all(map(balanced, [*figures.lines, figures.total, *added([figures, figures]).lines]))
    assert added([figures, figures]).total == {k: 2 * n for k, n in figures.total.items()}
    carried = figures_of(figures.closing, {}, {})
    assert carried.total["opening"] == figures.total["closing"]


def test_home_visits_alone_leave_a_return_zero_and_anything_else_does_not():
    assert figures_of({7: 3}, {(7, "visits"): 2}, {(7, "visits"): 1}).not_zero == []
    assert figures_of({7: 3}, {(7, "suspected"): 1}, {}).not_zero == ["suspected"]
    undone = figures_of({7: 3}, {(7, "enrolled"): 1}, {(7, "enrolled"): -1})
    assert undone.not_zero == ["enrolled"]
    assert Figures([]).not_zero == []
