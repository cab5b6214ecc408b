"""PyTorch eager: the fastest plain loop, with the data as tensors and fused Adam."""

from typing import Any

import torch
from setup import Data, Setup
from torch import nn


def build(setup: Setup, data: Data, compiled: bool = False) -> Any:
    torch.set_num_threads(setup.threads)
    torch.set_num_interop_threads(1)
    torch.manual_seed(setup.seed)
    x = torch.from_numpy(data.floats())
    y = torch.from_numpy(data.y).long()
    hidden = setup.hidden
    model = nn.Sequential(nn.Linear(x.shape[1], hidden), nn.ReLU(), nn.Linear(hidden, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=setup.learning_rate, fused=True)
    criterion = nn.CrossEntropyLoss()

    def loss(images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return criterion(model(images), labels)

    if compiled:
        loss = torch.compile(loss)

    def train() -> None:
        for _ in range(setup.epochs):
            for rows in torch.randperm(len(x)).split(setup.batch_size):
                optimizer.zero_grad()
                loss(x[rows], y[rows]).backward()
                optimizer.step()

    def predict(images: Any) -> Any:
        with torch.inference_mode():
            return model(torch.from_numpy(images)).numpy()

    return train, predict
