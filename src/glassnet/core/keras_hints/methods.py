"""Methods that only Keras would call, in a class that a user writes: what to define instead."""

_GRAPH = "Write the network as a list of layers or a graph: Model(inputs=x, outputs=y)."
_STEP = "A training step is fixed. Write an own Layer, Loss, Optimizer or Callback instead."
_FIELDS = "Its fields are its configuration: write units: int = 32, for example, in its body."

METHODS: dict[str, dict[str, str]] = {  # kind of class -> method -> what to write instead
    "model": {
        "call": _GRAPH,
        **dict.fromkeys(("compute_loss", "compute_metrics", "make_test_function"), _STEP),
        **dict.fromkeys(("make_predict_function", "make_train_function"), _STEP),
        **dict.fromkeys(("predict_step", "test_step", "train_step"), _STEP),
        **dict.fromkeys(("from_config", "get_config"), "save and load keep the whole model."),
    },
    "layer": {
        "add_weight": "Write weights(self, shape), which returns a dict of Weight.",
        "build": "Write weights(self, shape), which returns a dict of Weight.",
        "call": "Write forward(self, params, x, context), which returns (y, pullback).",
        "compute_mask": "Write output_mask(self, x, mask).",
        "compute_output_shape": "Write output_shape(self, shape).",
        **dict.fromkeys(("from_config", "get_config"), _FIELDS),
    },
    "loss": {
        "call": "Write each(self, outputs, targets), which returns (losses, pullback).",
        **dict.fromkeys(("from_config", "get_config"), _FIELDS),
    },
    "metric": dict.fromkeys(
        ("update_state", "result", "reset_state"),
        'Write name: str = "mine" in its body, and measure(self, outputs, targets, *, kind): one '
        "value for each example.",
    ),
    "optimizer": {
        "update_step": "Write update(self, g, slots, w, rate, step), which returns (w, slots).",
        "build": "Write the property slots: the names of its state arrays.",
        "apply": "Write update(self, g, slots, w, rate, step), which returns (w, slots).",
        "apply_gradients": "Write update(self, g, slots, w, rate, step): returns (w, slots).",
        **dict.fromkeys(("from_config", "get_config"), _FIELDS),
    },
    **{
        kind: dict.fromkeys(("from_config", "get_config"), _FIELDS)
        for kind in ("constraint", "initializer", "regularizer", "schedule")
    },
}
