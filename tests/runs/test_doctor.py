"""The doctor's look at the data of a run."""

from dataclasses import replace

import pytest

from glassnet.data.text.datasets import make_texts
from glassnet.doctor import Origin
from glassnet.doctor.inputs import empty_texts, equal_rows
from glassnet.runs.build import new_model
from glassnet.runs.data import TrainingData
from glassnet.runs.doctor import subject_of
from glassnet.runs.settings import Settings


@pytest.mark.parametrize(
    ("texts", "unknown"),
    [
        (["good film", "bad film"], ""),
        (["schöner Film", "übler Streifen", "bad film"], ""),  # half of the words
        (["schöner Streifen", "übler Streifen", "bad film"], "67%"),
    ],
)
def test_words_of_the_test_texts_that_no_training_text_has(texts: list[str], unknown: str) -> None:
    train = [(f"{('good', 'bad')[i % 2]} film", i % 2) for i in range(40)]
    data = make_texts("n", train, [(text, 0) for text in texts], ("p", "n"), "here")
    prepared = TrainingData(Settings(network="gru", units=2, embedding=2), data).read()
    findings = [str(f) for f in empty_texts(subject_of(prepared, new_model(prepared)))]
    wanted = [
        f"here: x_test: {unknown} of all words are not in the vocabulary. Use a larger "
        "--vocabulary, or --tokenizer byte."
    ]
    assert findings == (wanted if unknown else [])


def test_the_tokenizer_of_a_source_can_t_be_changed() -> None:
    train = [(f"{('good', 'bad')[i % 2]} film", i % 2) for i in range(40)]
    data = make_texts("n", train, [("schöner Streifen", 0)], ("p", "n"), "here")
    prepared = TrainingData(Settings(network="gru", units=2, embedding=2), data).read()
    subject = replace(subject_of(prepared, new_model(prepared)), origin=Origin())
    (finding,) = empty_texts(subject)
    assert finding.fix == "Start from a model of such texts, or train without --from."
    assert subject.test is not None
    (finding,) = equal_rows(replace(subject, train=replace(subject.test, x=subject.test.x[[0, 0]])))
    assert finding.what == "all 2 examples are equal: the network knows none of their words."
