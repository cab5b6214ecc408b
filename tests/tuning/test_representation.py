"""What a study shows in a notebook."""

from tests.pages.test_html import Read
from tests.tuning.built import study_of
from tests.tuning.studies import definition_of


def test_a_study_without_trials() -> None:
    output = study_of(definition_of(), [], wanted=5)._repr_html_()
    assert "the study has no answer" in output
    assert not any(name == "svg" for name, _ in Read(output).tags)
