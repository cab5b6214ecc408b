"""scikit-learn: `partial_fit` runs one epoch and keeps Adam's moments between epochs."""

from typing import Any

import numpy as np
from setup import Data, Setup
from sklearn.neural_network import MLPClassifier


def build(setup: Setup, data: Data) -> Any:
    x, y = data.floats(), data.y
    model = MLPClassifier(
        (setup.hidden,),
        batch_size=setup.batch_size,
        learning_rate_init=setup.learning_rate,
        alpha=0.0,
        random_state=setup.seed,
    )

    def train() -> None:
        for _ in range(setup.epochs):
            model.partial_fit(x, y, classes=np.arange(10))

    return train, model.predict_proba
