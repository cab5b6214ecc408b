"""The regularizers under Keras's name of the module; they are in layers/regularizers.py."""

from glassnet.core.keras_namespaces import hint_at_missing
from glassnet.layers.regularizers import L1 as L1
from glassnet.layers.regularizers import L1L2 as L1L2
from glassnet.layers.regularizers import L2 as L2
from glassnet.layers.regularizers import Ambiguity as Ambiguity
from glassnet.layers.regularizers import Regularizer as Regularizer
from glassnet.layers.regularizers import get as get
from glassnet.layers.regularizers import l1 as l1
from glassnet.layers.regularizers import l1_l2 as l1_l2
from glassnet.layers.regularizers import l2 as l2

hint_at_missing(__name__)
