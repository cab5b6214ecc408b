"""Reading PyTorch's own files, by PyTorch's own reader, which then unpickles weights only."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.files import open_file

_STATE_DICT = "In PyTorch, torch.save(model.state_dict(), path), and load that."
_LONGEST = 200  # characters of PyTorch's message


def read_torch_file(path: Path) -> dict[str, Array]:
    """Return the arrays of a state dict, in its order; 16-bit floating-point numbers as float32.

    The state dict may be inside another dict, such as {"epoch": 3, "state_dict": {...}}.
    """
    where = str(path)
    try:
        import torch
    except ImportError:
        raise GlassnetError(
            "is a PyTorch file, and PyTorch is not installed.",
            where=where,
            fix="Run: pip install 'glassnet[torch]'; or save the weights as .safetensors.",
        ) from None
    with open_file(path, _STATE_DICT) as (file, _):
        try:
            content = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:  # unpicklers of damaged files raise whatever they meet
            what = str(error).strip().partition("\n")[0].partition(". ")[0]
            raise GlassnetError(
                f"holds more than weights, or is damaged: PyTorch says {what!r:.{_LONGEST}}.",
                where=where,
                fix=_STATE_DICT,
            ) from error
    tensors = _state_dict(content, torch.Tensor, where)
    return {name: _array(tensor, f"{where}: {name}", torch) for name, tensor in tensors.items()}


def _state_dict(content: Any, tensor: type, where: str) -> dict[str, Any]:
    """Return the dict of tensors: the content, or the one value of it that is one."""

    def is_state_dict(value: Any) -> bool:
        return (
            isinstance(value, Mapping)
            and bool(value)
            and all(isinstance(k, str) and isinstance(v, tensor) for k, v in value.items())
        )

    if is_state_dict(content):
        return dict(content)
    inner = content if isinstance(content, Mapping) else {}
    names = [name for name, value in inner.items() if is_state_dict(value)]
    if len(names) == 1:
        return dict(inner[names[0]])
    if not names:
        raise GlassnetError("holds no state dict.", where=where, fix=_STATE_DICT)
    raise GlassnetError(
        f"holds {len(names)} state dicts: {', '.join(map(repr, names)):.{_LONGEST}}.",
        where=where,
        fix=f"In PyTorch, torch.save(torch.load(path)[{names[0]!r}], new_path), and load that.",
    )


def _array(tensor: Any, where: str, torch: Any) -> Array:
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.device.type != "cpu":
        raise GlassnetError("is a sparse, quantized or empty tensor.", where=where)
    if tensor.dtype in (torch.float16, torch.bfloat16):
        tensor = tensor.to(torch.float32)
    array: Array = tensor.detach().numpy()
    return array
