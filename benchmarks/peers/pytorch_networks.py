"""The same three networks in PyTorch eager, with the data as tensors and fused Adam."""

from typing import Any

import torch
from setup import Data, Setup
from torch import nn


class LastOutput(nn.Module):
    """An LSTM that returns its last output."""

    def __init__(self, n: int, units: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(n, units, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.lstm(x)[0][:, -1]


class Mean(nn.Module):
    """The mean over a sequence's steps."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean(dim=1)


def _cnn() -> nn.Module:
    return nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)),
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip


def _lstm() -> nn.Module:
    return nn.Sequential(nn.Unflatten(1, (28, 28)), LastOutput(28, 64), nn.Linear(64, 10))


def _transformer() -> nn.Module:
    block = nn.TransformerEncoderLayer(
        64, 4, 128, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(block, 4, enable_nested_tensor=False)
    rows = nn.Unflatten(1, (28, 28))
    return nn.Sequential(
        rows, nn.Linear(28, 64), encoder, nn.LayerNorm(64), Mean(), nn.Linear(64, 10)
    )


NETWORKS = {"cnn": _cnn, "lstm": _lstm, "transformer": _transformer}


def build(setup: Setup, data: Data, network: str) -> Any:
    torch.set_num_threads(setup.threads)
    torch.set_num_interop_threads(1)
    torch.manual_seed(setup.seed)
    x, y = torch.from_numpy(data.floats()), torch.from_numpy(data.y).long()
    model = NETWORKS[network]()
    optimizer = torch.optim.Adam(model.parameters(), lr=setup.learning_rate, fused=True)
    criterion = nn.CrossEntropyLoss()

    def train() -> None:
        model.train()
        for _ in range(setup.epochs):
            for rows in torch.randperm(len(x)).split(setup.batch_size):
                optimizer.zero_grad()
                criterion(model(x[rows]), y[rows]).backward()
                optimizer.step()

    def predict(images: Any) -> Any:
        model.eval()
        with torch.inference_mode():
            blocks = torch.from_numpy(images).split(1000)
            return torch.cat([model(block) for block in blocks]).numpy()

    return train, predict
