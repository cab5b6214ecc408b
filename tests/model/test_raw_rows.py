"""Texts in a table are predicted as the same texts alone."""

import numpy as np
import polars as pl
import pytest

from glassnet.core.doubts import collected_doubts
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import describe
from glassnet.data.text.tokenizer import fitted
from glassnet.layers import Dense, Embedding, GlobalAveragePooling1D
from glassnet.model.model import Model


def model_of_texts() -> Model:
    tokenizer = fitted("word", ["fine film", "poor film"], 2)
    network = [Embedding(tokenizer.vocabulary, 4), GlobalAveragePooling1D(), Dense(2, "softmax")]
    model = Model(network, seed=3)
    model.build((2,))
    model.class_names = ("-", "+")
    model.about |= {"tokenizer": describe(tokenizer), "columns_of_texts": ["what", "kind"]}
    return model


def test_a_frame_is_predicted() -> None:
    model = model_of_texts()
    frame = pl.DataFrame({"number": [1, 2, 3], "what": ["fine film", "so poor", "poor film x"]})
    with collected_doubts() as doubts:
        answer = model.predict(frame)
    assert [str(one) for one in doubts] == [
        "x: 1 text is read only up to token 2: row 2. As in training (--max-length)."
    ]
    tokenizer = fitted("word", ["fine film", "poor film"], 2)
    expected = model.predict(tokenizer(frame["what"].to_list())[0])
    np.testing.assert_allclose(answer.select("p(-)", "p(+)").to_numpy(), expected)
    assert answer["predicted_kind"].to_list() == [*np.array(["-", "+"])[expected.argmax(1)]]
    pandas = frame.to_pandas().set_index("number")
    assert [*model.predict(pandas.iloc[:1]).index] == [1]


def test_what_is_wrong_is_named() -> None:
    model = model_of_texts()
    with collected_doubts() as doubts:
        model.predict(pl.DataFrame({"what": ["fine film", "unheard"]}))
    assert "no word of 1 text is known: row 1" in str(doubts[0])
    with pytest.raises(GlassnetError, match=r"x: unknown column 'what'.*Known: text"):
        model.predict(pl.DataFrame({"text": ["fine"]}))
    with pytest.raises(GlassnetError, match="x: row 1: the column 'what' is empty"):
        model.predict(pl.DataFrame({"what": ["fine", None]}))
    model.about["columns_of_texts"] = 3
    with pytest.raises(GlassnetError, match="names the columns of its texts 3"):
        model.predict(pl.DataFrame({"what": ["fine"]}))
