"""`export_keras`, which writes .keras files, and all other public functions of the Keras bridge.

from glassnet.interop.keras import export as keras
keras.fit(model, x, y, backend="tensorflow", epochs=5)
keras.export_keras("model.keras", model.network, model.accepted_shape, model.params)
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from glassnet.core.errors import GlassnetError
from glassnet.core.files import write_whole
from glassnet.core.trees import Tree
from glassnet.interop.keras.backend import load_tensorflow, use_any_backend, use_backend
from glassnet.interop.keras.building.ambiguity import without_ambiguity
from glassnet.interop.keras.building.compile import loss_to_keras, optimizer_to_keras
from glassnet.interop.keras.building.model import to_keras, weights_from
from glassnet.interop.keras.reading.file import import_keras
from glassnet.interop.keras.running.fit import fit
from glassnet.interop.keras.running.stepper import KerasTwin, Trace
from glassnet.layers import Layer
from glassnet.layers.low_rank import merged

__all__ = [
    "KerasTwin",
    "Trace",
    "export_keras",
    "fit",
    "import_keras",
    "loss_to_keras",
    "optimizer_to_keras",
    "to_keras",
    "use_backend",
    "weights_from",
]


def export_keras(
    path: str | Path,
    network: Layer,
    input_shape: tuple[int, ...],
    params: Tree,
    dtype: str = "float32",
    suffix: str = ".keras",
) -> None:
    """Write, atomically, a .keras file that Keras loads without glassnet; or a .weights.h5 file.

    Low-rank adapters are merged into the kernels: Keras's files hold none, and a layer that Keras
    loads with a lora_rank gets two factors of 0, which no training moves. The penalty on what the
    members of an ensemble disagree about is left out, with a warning.
    """
    if not str(path).endswith(suffix):
        raise GlassnetError(
            "Keras loads only files whose name ends in .keras.",
            where=str(path),
            fix=f"Call it {Path(path).with_suffix('.keras').name}.",
        )
    use_any_backend()
    load_tensorflow()
    with TemporaryDirectory() as folder:  # Keras writes in place, and only files named .keras
        temporary = Path(folder, f"model{suffix}")
        network, params = merged(network, params)
        network = without_ambiguity(network)
        model = to_keras(network, input_shape, params, dtype)
        (model.save if suffix == ".keras" else model.save_weights)(temporary)
        write_whole(path, temporary.read_bytes())
