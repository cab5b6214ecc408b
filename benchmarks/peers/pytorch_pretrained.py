"""Networks of `keras.applications` in PyTorch: for their speed and memory.

The weights are random and are not those of the other systems. Sources: Sandler et al. 2018
(MobileNetV2); He et al. 2016 (ResNet50); Tan and Le 2019 (EfficientNetB0); Huang et al. 2017
(DenseNet121).
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

INVERTED = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
            (6, 160, 3, 2), (6, 320, 1, 1))  # (expansion, filters, blocks, stride)  # fmt: skip
SWISH = ((1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5),
         (6, 192, 4, 2, 5), (6, 320, 1, 1, 3))  # the same, and the kernel's size  # fmt: skip
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


class Excitation(nn.Module):
    """x times a factor for each channel, from the means of all channels."""

    def __init__(self, c: int, narrow: int) -> None:
        super().__init__()
        self.factors = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(c, narrow, 1), nn.SiLU(),
            nn.Conv2d(narrow, c, 1), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, x: Any) -> Any:
        return x * self.factors(x)


def efficient_net_b0() -> nn.Sequential:
    """5.3 million weights."""
    layers, c = [convolution(3, 32, 3, 2, activation=nn.SiLU())], 32
    for expansion, filters, blocks, first, size in SWISH:
        for stride in (first, *(1,) * (blocks - 1)):
            wide = c * expansion
            parts = [convolution(c, wide, activation=nn.SiLU())] if expansion > 1 else []
            parts += [convolution(wide, wide, size, stride, wide, activation=nn.SiLU())]
            body = nn.Sequential(*parts, Excitation(wide, c // 4), convolution(wide, filters))
            shortcut = stride == 1 and c == filters
            layers.append(Shortcut(body, nn.Identity(), nn.Identity()) if shortcut else body)
            c = filters
    return nn.Sequential(*layers, convolution(c, 1280, activation=nn.SiLU()), *_top(1280))


class Joined(nn.Module):
    """The channels of x, then those of body(x)."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: Any) -> Any:
        return torch.cat([x, self.body(x)], 1)


def dense_net_121() -> nn.Sequential:
    """8.1 million weights."""
    first = convolution(3, 64, 7, 2, activation=nn.ReLU())
    layers, c = [first, nn.MaxPool2d(3, 2, 1)], 64
    for i, blocks in enumerate((6, 12, 24, 16)):
        if i:
            layers.append(nn.Sequential(*_activated(c, c // 2), nn.AvgPool2d(2)))
            c //= 2
        for _ in range(blocks):
            layers.append(Joined(nn.Sequential(*_activated(c, 128), *_activated(128, 32, 3))))
            c += 32
    return nn.Sequential(*layers, nn.BatchNorm2d(c), nn.ReLU(), *_top(c))


def _activated(c: int, filters: int, size: int = 1) -> tuple[nn.Module, ...]:
    kernel = nn.Conv2d(c, filters, size, padding=size // 2, bias=False)
    return nn.BatchNorm2d(c), nn.ReLU(), kernel


NETWORKS = {
    "MobileNetV2": mobile_net_v2, "ResNet50": resnet_50, "EfficientNetB0": efficient_net_b0,
    "DenseNet121": dense_net_121,
}  # fmt: skip


def _top(features: int) -> tuple[nn.Module, ...]:
    return nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(features, 1000), nn.Softmax(-1)


def build(network: str, threads: int) -> Callable[[Any], Any]:
    """Return what predicts pictures (N, H, W, 3)."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    model = NETWORKS[network]().eval()

    def predict(x: Any) -> Any:
        with torch.inference_mode():
            return model(torch.from_numpy(x).permute(0, 3, 1, 2)).numpy()

    return predict
