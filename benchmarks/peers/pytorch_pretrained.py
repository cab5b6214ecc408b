"""MobileNetV2 and ResNet50 in PyTorch, as in `keras.applications`: for their speed and memory.

The weights are random and are not those of the other systems. Sources: Sandler et al. 2018; He et
al. 2016.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

INVERTED = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
            (6, 160, 3, 2), (6, 320, 1, 1))  # (expansion, filters, blocks, stride)  # fmt: skip
BOTTLENECKS = ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2))  # (filters, blocks, stride)


class Shortcut(nn.Module):
    """activation(body(x) + shortcut(x))."""

    def __init__(self, body: nn.Module, shortcut: nn.Module, activation: nn.Module) -> None:
        super().__init__()
        self.body, self.shortcut, self.activation = body, shortcut, activation

    def forward(self, x: Any) -> Any:
        return self.activation(self.body(x) + self.shortcut(x))


def convolution(
    c: int, filters: int, size: int = 1, stride: int = 1, groups: int = 1, bias: bool = False,
    activation: nn.Module | None = None,
) -> nn.Sequential:  # fmt: skip
    """A convolution, batch normalization, and an activation."""
    kernel = nn.Conv2d(c, filters, size, stride, size // 2, groups=groups, bias=bias)
    return nn.Sequential(kernel, nn.BatchNorm2d(filters), activation or nn.Identity())


def mobile_net_v2() -> nn.Sequential:
    """3.5 million weights."""
    layers, c = [convolution(3, 32, 3, 2, activation=nn.ReLU6())], 32
    for expansion, filters, blocks, first in INVERTED:
        for stride in (first, *(1,) * (blocks - 1)):
            wide = c * expansion
            parts = [convolution(c, wide, activation=nn.ReLU6())] if expansion > 1 else []
            parts += [convolution(wide, wide, 3, stride, wide, activation=nn.ReLU6())]
            body = nn.Sequential(*parts, convolution(wide, filters))
            shortcut = stride == 1 and c == filters
            layers.append(Shortcut(body, nn.Identity(), nn.Identity()) if shortcut else body)
            c = filters
    return nn.Sequential(*layers, convolution(c, 1280, activation=nn.ReLU6()), *_top(1280))


def resnet_50() -> nn.Sequential:
    """25.6 million weights."""
    first = convolution(3, 64, 7, 2, bias=True, activation=nn.ReLU())
    layers, c = [first, nn.MaxPool2d(3, 2, 1)], 64
    for filters, blocks, first_stride in BOTTLENECKS:
        for stride in (first_stride, *(1,) * (blocks - 1)):
            body = nn.Sequential(
                convolution(c, filters, 1, stride, bias=True, activation=nn.ReLU()),
                convolution(filters, filters, 3, bias=True, activation=nn.ReLU()),
                convolution(filters, 4 * filters, bias=True),
            )
            widened = c != 4 * filters
            shortcut = convolution(c, 4 * filters, 1, stride, bias=True) if widened else None
            layers.append(Shortcut(body, shortcut or nn.Identity(), nn.ReLU()))
            c = 4 * filters
    return nn.Sequential(*layers, *_top(c))


def _top(features: int) -> tuple[nn.Module, ...]:
    return nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(features, 1000), nn.Softmax(-1)


def build(network: str, threads: int) -> Callable[[Any], Any]:
    """Return what predicts pictures (N, H, W, 3)."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    model = {"MobileNetV2": mobile_net_v2, "ResNet50": resnet_50}[network]().eval()

    def predict(x: Any) -> Any:
        with torch.inference_mode():
            return model(torch.from_numpy(x).permute(0, 3, 1, 2)).numpy()

    return predict
