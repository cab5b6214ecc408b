"""Attributes and methods of Keras's objects that glassnet's don't have: what to write instead."""

_STEP = (
    "A training step is fixed: write an own Layer, Loss, Optimizer or Callback, or call "
    "train_on_batch(x, y)."
)
_ONE_DTYPE = 'It is set once for the whole model: Model(..., dtype="float64"), and model.dtype.'
_OWN_WEIGHTS = "An own layer returns them from weights(self, shape), as a tree of Weight."
_FILES = "model.save(path) and Model.load(path) keep everything."
_QUANTIZED = "Weights are float32 or float64; nothing is quantized."
_BATCHES = "model.fit(..., engine='jax') compiles steps; with engine='numpy', nothing is compiled."
_STATELESS = "network.forward(params, x, context) is a pure function: (outputs, pullback)."
_LOSSES = "Penalties are fields of layers, as in Dense(8, kernel_regularizer='l2'); see evaluate."
_METRICS = "Call model.compile(optimizer, loss, metrics)."
_MASKS = "A layer's masks are computed by output_mask(x, mask)."
_FROZEN = "Set trainable = False, before compile: model.trainable, or layer.trainable."
_SLOTS = "The property slots names its state arrays."
_LORA = "Dense, EinsumDense, Embedding and MultiHeadAttention have it."
_ENGINES = "An engine runs the training: fit(..., engine='jax'), or 'numpy'."
_MODES = "fit trains and predict doesn't: leave it out."
_WEIGHTS = "Use model.weights, or model.get_weights() and set_weights(weights)."
_GRADIENTS = "fit begins each step without gradients: leave it out."

_HABITS = {  # what models of PyTorch and estimators of scikit-learn have
    "forward": "Call the model, model(x), or model.predict(x).",
    **dict.fromkeys(("cpu", "cuda", "to"), _ENGINES),
    **dict.fromkeys(("eval", "train"), _MODES),
    **dict.fromkeys(("load_state_dict", "state_dict"), _WEIGHTS),
    **dict.fromkeys(("coef_", "named_parameters", "parameters"), _WEIGHTS),
    "zero_grad": _GRADIENTS,
    "requires_grad_": _FROZEN,
    "get_params": "Use model.get_config().",
    "partial_fit": "Use model.train_on_batch(x, y).",
    "predict_proba": "Use model.predict(x).",
    "score": "Use model.evaluate(x, y).",
}

_SHARED = {  # by Keras's layers and models
    **dict.fromkeys(("add_loss", "losses", "activity_regularizer"), _LOSSES),
    **dict.fromkeys(("add_metric", "metrics", "metrics_variables"), _METRICS),
    **dict.fromkeys(("add_variable", "add_weight"), _OWN_WEIGHTS),
    **dict.fromkeys(("get_build_config", "build_from_config"), _FILES),
    **dict.fromkeys(("load_own_variables", "save_own_variables"), _FILES),
    **dict.fromkeys(("get_state_tree", "set_state_tree"), _FILES),
    **dict.fromkeys(("compute_dtype", "dtype_policy", "variable_dtype", "input_dtype"), _ONE_DTYPE),
    **dict.fromkeys(("autocast",), _ONE_DTYPE),
    **dict.fromkeys(("quantize", "quantized_build", "quantized_call"), _QUANTIZED),
    **dict.fromkeys(("quantization_mode", "quantization_config"), _QUANTIZED),
    "get_quantization_layer_structure": _QUANTIZED,
    **dict.fromkeys(("stateless_call", "rematerialized_call"), _STATELESS),
    **dict.fromkeys(("stateless_compute_loss", "jax_state_sync"), _STATELESS),
    "supports_masking": _MASKS,
    **dict.fromkeys(("supports_jit", "jit_compile"), _BATCHES),
    "symbolic_call": "Call it on nodes: layer(Input((4,))).",
    "compute_output_spec": "Use layer.compute_output_shape((None, 4)).",
    "input_spec": "Shapes are checked when a model is built; see output_shape(shape).",
    "call_signature_parameters": "A layer is called on nodes: layer(x).",
    "path": "Use layer.name; model.network.walk() yields (path, layer).",
    "get_input_at": "Use layer.input, the input of its first call.",
    "get_output_at": "Use layer.output, the output of its first call.",
    "reset_states": "Recurrent states begin at 0 in each batch.",
    "reset_state": "Recurrent states begin at 0 in each batch.",
}

ATTRIBUTES: dict[str, dict[str, str]] = {  # kind of object -> name -> what to write instead
    "model": {
        **_SHARED,
        **_HABITS,
        "call": "Call the model, model(x), or model.predict(x).",
        "layers": "Create another model: Model([*model.layers[:-1], Dense(7)]).",
        "loss": "Call compile(optimizer, loss).",
        "metrics": "Call compile(optimizer, loss, metrics).",
        "optimizer": "Call compile(optimizer, loss), or set model.optimizer.learning_rate.",
        "load_model": "Use Model.load(path).",
        "compute_mask": _MASKS,
        "add": "A model takes all its layers at once, Model([...]); Sequential() has add.",
        "pop": "Create another model: Model(model.layers[:-1]); Sequential() has pop.",
        "export": "Use model.save('model.keras') for Keras; `glassnet export` does the same.",
        "compute_loss": "Use model.evaluate(x, y), or the loss itself: loss(y_true, y_pred).",
        "compute_loss_and_updates": _STATELESS,
        "compute_metrics": "Use model.evaluate(x, y, return_dict=True).",
        "get_metrics_result": "Use model.evaluate(x, y, return_dict=True).",
        "compiled_loss": "Use model.loss.",
        "compiled_metrics": "Use model.metrics, their names.",
        **dict.fromkeys(("train_step", "test_step", "predict_step"), _STEP),
        **dict.fromkeys(("make_train_function", "make_test_function"), _STEP),
        **dict.fromkeys(("make_predict_function", "train_function"), _STEP),
        **dict.fromkeys(("test_function", "predict_function"), _STEP),
        **dict.fromkeys(("get_compile_config", "compile_from_config"), _FILES),
        **dict.fromkeys(("run_eagerly", "steps_per_execution"), _BATCHES),
        "to_yaml": "Use model.to_json().",
        "fit_generator": "Use fit(x, y).",
        "evaluate_generator": "Use evaluate(x, y).",
        "predict_generator": "Use predict(x).",
        "predict_classes": "Use model.predict(x).argmax(axis=-1).",
        "state_updates": _STATELESS,
        "distribute_strategy": "The jax engine uses all devices.",
    },
    "layer": {
        **_SHARED,
        "call": "A layer on arrays is a model of one layer: Model([layer])(x).",
        "dtype": _ONE_DTYPE,
        "input_shape": "Use layer.input.shape.",
        **dict.fromkeys(("lora_alpha", "lora_enabled", "lora_rank", "enable_lora"), _LORA),
        **dict.fromkeys(
            ("compile", "fit", "evaluate", "predict", "summary", "save", "add"),
            "It is a layer. Model([layer]) is a model with it; glassnet.Sequential is a model.",
        ),
        **dict.fromkeys(
            ("kernel", "bias", "embeddings", "gamma", "beta", "moving_mean", "moving_variance"),
            "It has no such weight, or none yet: a model creates them, "
            "Model([layer], input_shape=(4,)).",
        ),
    },
    "optimizer": {
        **dict.fromkeys(("lr", "param_groups"), "Use learning_rate."),
        "zero_grad": _GRADIENTS,
        **dict.fromkeys(
            ("iterations", "variables", "built", "momentums", "velocities"),
            "An optimizer is a rule without state: the model keeps the state, and continues it "
            "in the next fit.",
        ),
        **dict.fromkeys(
            ("apply", "apply_gradients", "stateless_apply", "update_step", "minimize"),
            "An optimizer is a pure rule: update(g, slots, w, rate, step) returns (w, slots).",
        ),
        **dict.fromkeys(("save_own_variables", "load_own_variables", "set_weights"), _FILES),
        **dict.fromkeys(("add_variable", "add_optimizer_variables"), _SLOTS),
        **dict.fromkeys(("assign", "assign_add", "assign_sub"), "Use variable.assign(value)."),
        "add_variable_from_reference": _SLOTS,
        "finalize_variable_values": "With use_ema, fit ends with the averages.",
        **dict.fromkeys(
            ("loss_scale_factor", "scale_loss"),
            "Computation is in float32 or float64, in which losses need no scaling.",
        ),
        "build": "The model creates the state when fit starts.",
    },
    "loss": {
        "call": "Call the loss: loss(y_true, y_pred).",
        "dtype": _ONE_DTYPE,
    },
    "metric": {
        "reset_states": "Use reset_state().",
        "variables": "It has none: update_state(y_true, y_pred) keeps the arrays.",
        **dict.fromkeys(
            ("stateless_reset_state", "stateless_result", "stateless_update_state"),
            "Use update_state(y_true, y_pred), result() and reset_state().",
        ),
        **dict.fromkeys(
            ("add_variable", "add_weight"), "A metric has no variables: write measure."
        ),
        **dict.fromkeys(
            ("true_positives", "false_positives", "true_negatives", "false_negatives"),
            "It is a metric of its own: metrics.TruePositives(), ...",
        ),
        "dtype": _ONE_DTYPE,
    },
}
