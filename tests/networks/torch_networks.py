"""MobileNetV2 and EfficientNet-Lite0 in PyTorch, from the papers and the names of their weights."""

from typing import Any

import torch
from torch import nn
from torch.nn import functional


class Narrow(nn.Module):
    """A MobileNetV2 block as torchvision names its parts: conv.0.0, conv.0.1, ..."""

    def __init__(self, channels: int, filters: int, stride: int, expansion: int) -> None:
        super().__init__()
        width = channels * expansion
        parts: list[nn.Module] = [
            convolution(width, width, 3, stride, groups=width),
            nn.Conv2d(width, filters, 1, bias=False),
            nn.BatchNorm2d(filters),
        ]
        if expansion > 1:
            parts.insert(0, convolution(channels, width, 1))
        self.conv = nn.Sequential(*parts)
        self.residual = stride == 1 and channels == filters

    def forward(self, x: Any) -> Any:
        return x + self.conv(x) if self.residual else self.conv(x)


def convolution(inputs: int, filters: int, size: int, stride: int = 1, groups: int = 1) -> Any:
    return nn.Sequential(
        nn.Conv2d(inputs, filters, size, stride, size // 2, groups=groups, bias=False),
        nn.BatchNorm2d(filters),
        nn.ReLU6(),
    )


class MobileNetV2(nn.Module):
    STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
              (6, 160, 3, 2), (6, 320, 1, 1))  # fmt: skip

    def __init__(self, classes: int) -> None:
        super().__init__()
        blocks, channels = [convolution(3, 32, 3, 2)], 32
        for expansion, filters, count, stride in self.STAGES:
            for block in range(count):
                blocks.append(Narrow(channels, filters, 1 if block else stride, expansion))
                channels = filters
        self.features = nn.Sequential(*blocks, convolution(channels, 1280, 1))
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, classes))

    def forward(self, x: Any) -> Any:
        return self.classifier(self.features(x).mean((2, 3)))


class Same(nn.Conv2d):
    """A convolution with TensorFlow's padding: one more zero at the end if their number is odd."""

    def __init__(self, inputs: int, filters: int, size: int, stride: int = 1, groups: int = 1):
        super().__init__(inputs, filters, size, stride, groups=groups, bias=False)

    def forward(self, x: Any) -> Any:
        (size, _), (stride, _) = self.kernel_size, self.stride
        widths = [max((-(-n // stride) - 1) * stride + size - n, 0) for n in x.shape[:1:-1]]
        return super().forward(functional.pad(x, [w for n in widths for w in (n // 2, n - n // 2)]))


class LiteBlock(nn.Module):
    def __init__(self, channels: int, filters: int, stride: int, size: int, expands: bool) -> None:
        super().__init__()
        width = channels * 6 if expands else channels
        self._expand_conv = Same(channels, width, 1) if expands else None
        self._bn0 = nn.BatchNorm2d(width, 1e-3) if expands else None
        self._depthwise_conv = Same(width, width, size, stride, width)
        self._bn1 = nn.BatchNorm2d(width, 1e-3)
        self._project_conv = Same(width, filters, 1)
        self._bn2 = nn.BatchNorm2d(filters, 1e-3)
        self.residual = stride == 1 and channels == filters

    def forward(self, x: Any) -> Any:
        h = x
        if self._expand_conv is not None and self._bn0 is not None:
            h = functional.relu6(self._bn0(self._expand_conv(x)))
        h = functional.relu6(self._bn1(self._depthwise_conv(h)))
        h = self._bn2(self._project_conv(h))
        return x + h if self.residual else h


class EfficientNetLite0(nn.Module):
    STAGES = ((1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3),
              (6, 112, 3, 1, 5), (6, 192, 4, 2, 5), (6, 320, 1, 1, 3))  # fmt: skip

    def __init__(self, classes: int) -> None:
        super().__init__()
        self._conv_stem = Same(3, 32, 3, 2)
        self._bn0 = nn.BatchNorm2d(32, 1e-3)
        blocks, channels = [], 32
        for expansion, filters, count, stride, size in self.STAGES:
            for block in range(count):
                first = 1 if block else stride
                blocks.append(LiteBlock(channels, filters, first, size, expansion > 1))
                channels = filters
        self._blocks = nn.Sequential(*blocks)
        self._conv_head = Same(channels, 1280, 1)
        self._bn1 = nn.BatchNorm2d(1280, 1e-3)
        self._fc = nn.Linear(1280, classes)

    def forward(self, x: Any) -> Any:
        x = self._blocks(functional.relu6(self._bn0(self._conv_stem(x))))
        return self._fc(functional.relu6(self._bn1(self._conv_head(x))).mean((2, 3)))


def with_random_statistics(module: nn.Module) -> nn.Module:
    """The module in inference mode, its moving statistics such that all layers matter."""
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_(0, 0.1)  # type: ignore[union-attr, operator]
            part.running_var.uniform_(0.5, 1.5)  # type: ignore[union-attr, operator]
            with torch.no_grad():
                part.weight.uniform_(0.5, 1.5)
                part.bias.normal_(0, 0.1)
    return module.eval()


def outputs(module: nn.Module, x: Any) -> Any:
    """The module's outputs for images whose channels are last."""
    with torch.no_grad():
        return module(torch.from_numpy(x.transpose(0, 3, 1, 2).copy())).numpy()
