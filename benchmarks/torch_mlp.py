"""A plain MLP of PyTorch as a scikit-learn estimator: two hidden layers of 128, ReLU, Adam 0.001.

Batches of 64, at most 100 epochs; stops after 10 epochs without a lower loss on a tenth of the
rows, and restores the best epoch.
"""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.model_selection import train_test_split


class _Network(BaseEstimator):
    def __init__(self, random_state: int = 0) -> None:
        self.random_state = random_state

    def _trained(self, x: np.ndarray, y: np.ndarray, outputs: int, loss: str) -> Any:
        import torch
        from torch import nn

        torch.manual_seed(self.random_state)
        layers = nn.Linear(x.shape[1], 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU()
        network, criterion = nn.Sequential(*layers, nn.Linear(128, outputs)), getattr(nn, loss)()
        optimizer = torch.optim.Adam(network.parameters(), lr=0.001)
        strata = y if loss == "CrossEntropyLoss" else None
        parts = train_test_split(
            x.astype(np.float32), y, test_size=0.1, random_state=self.random_state, stratify=strata
        )
        x, x_held, y, y_held = (torch.from_numpy(np.ascontiguousarray(part)) for part in parts)
        best, waited, weights = np.inf, 0, network.state_dict()
        for _ in range(100):
            for rows in torch.randperm(len(x)).split(64):
                optimizer.zero_grad()
                criterion(network(x[rows]), y[rows]).backward()
                optimizer.step()
            with torch.no_grad():
                held = float(criterion(network(x_held), y_held))
            if held < best:
                best, waited = held, 0
                weights = {key: value.clone() for key, value in network.state_dict().items()}
            elif (waited := waited + 1) == 10:
                break
        network.load_state_dict(weights)
        return network

    def _outputs(self, x: np.ndarray) -> np.ndarray:
        import torch

        with torch.no_grad():
            outputs: np.ndarray = self.network_(torch.from_numpy(x.astype(np.float32))).numpy()
        return outputs


class TorchClassifier(ClassifierMixin, _Network):
    """The network with a softmax, trained on cross-entropy."""

    def fit(self, x: np.ndarray, y: Any) -> Self:
        """Train it."""
        self.classes_, labels = np.unique(y, return_inverse=True)
        self.network_ = self._trained(x, labels, len(self.classes_), "CrossEntropyLoss")
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the likeliest class of each row."""
        return self.classes_[self._outputs(x).argmax(axis=1)]


class TorchRegressor(RegressorMixin, _Network):
    """The network with one output, trained on the squared error."""

    def fit(self, x: np.ndarray, y: np.ndarray) -> Self:
        """Train it."""
        target = np.asarray(y, np.float32).reshape(-1, 1)
        self.network_ = self._trained(x, target, 1, "MSELoss")
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the number of each row."""
        return self._outputs(x)[:, 0]
