"""Arguments of Keras's methods and constructors: what to write instead."""

_LORA = "Dense, EinsumDense, Embedding and MultiHeadAttention take it: leave it out here."
_QUANTIZATION = "Weights are float32 or float64, never quantized: leave it out."
_DTYPE = 'It is set once for the whole model: Model(..., dtype="float64").'
_MASK = "A padding mask comes from Embedding(mask_zero=True) or Masking."
_STATES = (
    "No layer keeps its state between batches: y, *state = LSTM(8, return_state=True)(x, "
    "initial_state=state) returns it, and takes it as an input."
)
_SHAPE = "The model takes it: Model([...], input_shape=(28, 28))."
_LOADING = {
    "compile": "A model is loaded as it was compiled; call compile(...) to change that.",
    "custom_objects": "Run the code with their @register first: files hold only names.",
    "safe_mode": "Nothing is executed from a file: leave it out.",
}
_AXIS = "Values of one example are on the last axis: leave it out, and Permute the outputs."
_SCALE = "Gradients are float32 or float64, which need no scale: leave it out."
_AXES = "The last two axes of a kernel are its inputs and outputs: leave it out."
_QUANTILES = "For 3 bins: Discretization(np.quantile(x, [1 / 3, 2 / 3]).tolist())."
_COMMON = {"dtype": _DTYPE, "axis": _AXIS}

ARGUMENTS: dict[str, dict[str, str]] = {  # where it is typed -> name -> hint
    "layer": {
        "arguments": "Give the function defaults: def scale(x, factor=2.0).",
        "alpha": "Its name here is negative_slope: LeakyReLU(negative_slope=0.1).",
        "batch_shape": "Batches may have any size: give the shape without the first axis.",
        "batch_size": "Batches may have any size: leave it out.",
        "data_format": "Images are (height, width, channels): leave it out.",
        "gptq_unpacked_column_size": _QUANTIZATION,
        "lora_alpha": _LORA,
        "lora_rank": _LORA,
        "quantization_config": _QUANTIZATION,
        "dtype": _DTYPE,
        "input_dim": _SHAPE,
        "input_shape": _SHAPE,
        "num_bins": _QUANTILES,
        "epsilon": _QUANTILES,
        "output_mode": 'Put CategoryEncoding(num_tokens=4, output_mode="one_hot") after it.',
        "sparse": "Outputs are dense arrays: leave it out.",
        "stateful": _STATES,
        "output_shape": "It is inferred: leave it out.",
        "unroll": "It has no effect on results: leave it out.",
        "weights": "Use Model(...).set_weights([...]).",
        "zero_output_for_mask": "At padding, the last output is repeated: leave it out.",
    },
    "call": {  # of a layer or a model
        "attention_mask": "MultiHeadAttention takes it.",
        "count_weights": 'Use "one_hot", and multiply by the weights: Dot(1)([codes, weights]).',
        "initial_state": "Recurrent layers take it.",
        "mask": _MASK,
        "return_attention_scores": "Attention layers take it.",
        "training": "fit trains and predict doesn't: leave it out.",
        "use_causal_mask": "Attention layers take it.",
    },
    "compile": {
        "auto_scale_loss": "Computation is in float32 or float64: leave it out.",
        "jit_compile": 'The engine compiles: fit(..., engine="jax").',
        "run_eagerly": 'Use fit(..., engine="numpy"), which compiles nothing.',
        "steps_per_execution": "Engines choose how many steps to run at once: leave it out.",
    },
    "clone_model": {
        "clone_function": "Create another model: Model([...]), from the layers that you change.",
        "input_tensors": "Call the clone on nodes: clone_model(model)(x).",
        "call_function": "Call layers on nodes: Model(inputs=x, outputs=y).",
        "recursive": "Nested models are cloned, too: leave it out.",
    },
    "load": _LOADING,
    "load_model": _LOADING,
    "load_weights": {
        "by_name": "The file must hold the weights of the same network: leave it out.",
        "skip_mismatch": "The file must hold the weights of the same network: leave it out.",
    },
    "model_from_json": {"custom_objects": _LOADING["custom_objects"]},
    "save": {
        "include_optimizer": "The optimizer is saved, its state is not: leave it out.",
        "save_format": "The suffix decides: .safetensors, or .keras for Keras.",
        "zipped": "A model is one file: leave it out.",
    },
    "save_weights": {"overwrite": "An existing file is replaced: leave it out."},
    "summary": {
        **dict.fromkeys(
            ("line_length", "positions"), "The table is as wide as its content: leave it out."
        ),
        "expand_nested": "For a nested one: Model(model.get_layer(name), shape).summary().",
        "layer_range": "All layers are shown: leave it out.",
    },
    "fit": dict.fromkeys(
        ("max_queue_size", "use_multiprocessing", "workers"),
        "Pass it to the data: PyDataset(workers=4, max_queue_size=10).",
    ),
    "fine_tune": {"merge_lora": "Call model.merge_lora() on the model that it returns."},
    "loss": _COMMON,
    "metric": _COMMON
    | {
        "from_sorted_ids": "Outputs are one number for each class: leave it out.",
        "from_logits": "It follows the loss: leave it out.",
        "ignore_class": "Use weighted_metrics, and a sample_weight of 0 for these examples.",
        "sparse_y_true": "It follows the loss: leave it out.",
        "sparse_y_pred": "Outputs are one number for each class: leave it out.",
        "num_regressors": "R² is not adjusted for the number of features: leave it out.",
        "summation_method": "Areas are interpolated: leave it out.",
        "thresholds": "Give their number, num_thresholds, or leave it out: the area is exact.",
        "num_labels": "It follows the outputs: leave it out.",
        "label_weights": "Classes have equal weight: leave it out.",
    },
    "optimizer": {
        "loss_scale_factor": _SCALE,
        "lr": "Write learning_rate.",
        "decay": "Use a schedule: learning_rate=InverseTimeDecay(0.01, 1, 1e-6).",
    },
    "initializer": {"input_axes": _AXES, "output_axes": _AXES, "dtype": _DTYPE},
}

ARGUMENTS["Input"] = ARGUMENTS["layer"]

# Arguments that change nothing if they have this value: the only one that is accepted.
WITHOUT_EFFECT: dict[str, dict[str, object]] = {
    "layer": {"output_mode": "int", "sparse": False, "stateful": False, "unroll": False},
    "loss": {"dtype": None, "axis": -1},
    "metric": {
        "dtype": None,
        "axis": -1,
        "from_sorted_ids": False,
        "from_logits": False,
        "ignore_class": None,
        "num_regressors": 0,
        "summation_method": "interpolation",
        "thresholds": None,
        "num_labels": None,
        "label_weights": None,
    },
    "optimizer": {"loss_scale_factor": None},
    "initializer": {"input_axes": None, "output_axes": None},
}
