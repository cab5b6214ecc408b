"""The initializers under Keras's name of the module; they are in layers/initializers.py."""

from functools import partial

from glassnet.core.keras_namespaces import hint_at_missing
from glassnet.layers import initializers
from glassnet.layers.initializers import Constant as Constant
from glassnet.layers.initializers import GlorotNormal as GlorotNormal
from glassnet.layers.initializers import GlorotUniform as GlorotUniform
from glassnet.layers.initializers import HeNormal as HeNormal
from glassnet.layers.initializers import HeUniform as HeUniform
from glassnet.layers.initializers import Identity as Identity
from glassnet.layers.initializers import Initializer as Initializer
from glassnet.layers.initializers import LecunNormal as LecunNormal
from glassnet.layers.initializers import LecunUniform as LecunUniform
from glassnet.layers.initializers import Ones as Ones
from glassnet.layers.initializers import Orthogonal as Orthogonal
from glassnet.layers.initializers import RandomNormal as RandomNormal
from glassnet.layers.initializers import RandomUniform as RandomUniform
from glassnet.layers.initializers import TruncatedNormal as TruncatedNormal
from glassnet.layers.initializers import VarianceScaling as VarianceScaling
from glassnet.layers.initializers import Zeros as Zeros
from glassnet.layers.initializers import get as get

hint_at_missing(__name__, partial(getattr, initializers))
