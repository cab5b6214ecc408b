"""Models under Keras's name of the module; they are in the room model."""

from glassnet.core.keras_namespaces import hint_at_missing
from glassnet.model.configuration import clone_model as clone_model
from glassnet.model.configuration import load_model as load_model
from glassnet.model.configuration import model_from_json as model_from_json
from glassnet.model.model import Model as Model
from glassnet.model.sequential import Sequential as Sequential

hint_at_missing(__name__)
