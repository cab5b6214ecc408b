from . import activations as activations
from . import callbacks as callbacks
from . import constraints as constraints
from . import datasets as datasets
from . import initializers as initializers
from . import layers as layers
from . import losses as losses
from . import metrics as metrics
from . import models as models
from . import optimizers as optimizers
from . import regularizers as regularizers
from . import saving as saving
from . import utils as utils
from .core.errors import GlassnetError as GlassnetError
from .data import load as load
from .data.splits import stratified_split as stratified_split
from .explain.example import explain_example as explain_example
from .layers import *
from .layers.constraints import MaxNorm as MaxNorm
from .layers.constraints import MinMaxNorm as MinMaxNorm
from .layers.constraints import NonNeg as NonNeg
from .layers.constraints import UnitNorm as UnitNorm
from .layers.regularizers import L1 as L1
from .layers.regularizers import L1L2 as L1L2
from .layers.regularizers import L2 as L2
from .losses import *
from .model.configuration import clone_model as clone_model
from .model.configuration import load_model as load_model
from .model.configuration import model_from_json as model_from_json
from .model.diagram import plot_model as plot_model
from .model.lr_finder import find_learning_rate as find_learning_rate
from .model.model import Model as Model
from .model.sequential import Sequential as Sequential
from .optimizers import *
from .runs.fine_tune import fine_tune as fine_tune
from .tracing.trace import trace as trace
from .training.callbacks import *
from .training.callbacks.backup_and_restore import BackupAndRestore as BackupAndRestore
from .training.checks.targets import to_categorical as to_categorical
from .training.functions import register as register
from .training.history import History as History
from .training.py_dataset import PyDataset as PyDataset
from .tuning.tune import tune as tune
from .verify.gradcheck import gradcheck as gradcheck

__version__: str
