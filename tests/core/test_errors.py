"""The one error: what, where, fix."""

import pytest

from glassnet.core.errors import GlassnetError, unknown


@pytest.mark.parametrize(
    ("where", "fix", "message"),
    [
        ("", "", "is wrong."),
        ("here", "", "here: is wrong."),
        ("", "Fix it.", "is wrong. Fix it."),
        ("here", "Fix it.", "here: is wrong. Fix it."),
    ],
)
def test_message(where: str, fix: str, message: str) -> None:
    error = GlassnetError("is wrong.", where=where, fix=fix)
    assert str(error) == message
    assert (error.what, error.where, error.fix) == ("is wrong.", where, fix)
    assert isinstance(error, ValueError)


def test_unknown_suggests_the_nearest_and_lists_all() -> None:
    assert str(unknown("fruit", "aple", ["pear", "apple"], where="--fruit")) == (
        "--fruit: unknown fruit 'aple'. Did you mean 'apple'? Known: apple, pear."
    )
    assert "Did you mean" not in str(unknown("fruit", "xyz", ["pear"]))


@pytest.mark.parametrize(("inner", "where"), [("here", "there: here"), ("", "there")])
def test_inside_adds_the_place_around(inner: str, where: str) -> None:
    error = GlassnetError("is wrong.", where=inner, fix="Fix it.").inside("there")
    assert str(error) == f"{where}: is wrong. Fix it."


def test_another_case_is_near() -> None:
    assert "Did you mean 'auc'?" in str(unknown("metric", "AUC", ["auc", "acc"]))
