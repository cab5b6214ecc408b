"""The constraints under Keras's name of the module; they are in layers/constraints.py."""

from functools import partial

from glassnet.core.keras_namespaces import hint_at_missing
from glassnet.layers import constraints
from glassnet.layers.constraints import Constraint as Constraint
from glassnet.layers.constraints import MaxNorm as MaxNorm
from glassnet.layers.constraints import MinMaxNorm as MinMaxNorm
from glassnet.layers.constraints import NonNeg as NonNeg
from glassnet.layers.constraints import UnitNorm as UnitNorm
from glassnet.layers.constraints import get as get

hint_at_missing(__name__, partial(getattr, constraints))
