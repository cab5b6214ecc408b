"""Doubts about data are logged, unless they are collected."""

from glassnet.core.doubts import collected_doubts, doubt


def test_doubts_are_logged_or_collected_once(messages: list[str]) -> None:
    with collected_doubts() as doubts:
        for where in ("a.csv", "b.csv", "a.csv"):
            doubt("is odd.", where, "Look at it.")
    assert [str(each) for each in doubts] == [
        "a.csv: is odd. Look at it.",
        "b.csv: is odd. Look at it.",
    ]
    assert messages == []
    doubt("is odd.", "a.csv", "Look at it.")
    assert messages == ["warning: a.csv: is odd. Look at it."]
