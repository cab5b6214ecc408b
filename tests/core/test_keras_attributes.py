"""Every public attribute of Keras 3.15's objects is here, or its error says what to write."""

from typing import Any

import numpy as np
import pytest

from glassnet import SGD, Dense, GlassnetError, MeanSquaredError, Model, Sequential, metrics

# `dir` of a built and compiled object in Keras 3.15, without private names.
LAYER = """activity_regularizer add_loss add_metric add_variable add_weight autocast build
build_from_config built call call_signature_parameters compute_dtype compute_mask
compute_output_shape compute_output_spec count_params dtype dtype_policy from_config
get_build_config get_config get_weights input input_dtype input_spec load_own_variables losses
metrics metrics_variables name non_trainable_variables non_trainable_weights output path
quantization_mode quantize quantized_build quantized_call rematerialized_call save_own_variables
set_weights stateless_call supports_jit supports_masking symbolic_call trainable
trainable_variables trainable_weights variable_dtype variables weights"""
DENSE = """activation bias bias_constraint bias_initializer bias_regularizer enable_lora kernel
kernel_constraint kernel_initializer kernel_regularizer lora_alpha lora_enabled lora_rank
quantization_config units use_bias"""
MODEL = """compile compile_from_config compiled compute_loss compute_loss_and_updates
compute_metrics evaluate export fit get_compile_config get_layer get_metrics_result
get_quantization_layer_structure get_state_tree inputs jax_state_sync jit_compile layers
load_weights loss make_predict_function make_test_function make_train_function metrics_names
optimizer outputs predict predict_function predict_on_batch predict_step reset_metrics run_eagerly
save save_weights set_state_tree stateless_compute_loss steps_per_execution stop_training summary
test_function test_on_batch test_step to_json train_function train_on_batch train_step"""
SEQUENTIAL = "add input_shape output_shape pop"
OPTIMIZER = """add_optimizer_variables add_variable add_variable_from_reference apply
apply_gradients assign assign_add assign_sub build built clipnorm clipvalue ema_momentum
ema_overwrite_frequency exclude_from_weight_decay finalize_variable_values from_config get_config
global_clipnorm gradient_accumulation_steps iterations learning_rate load_own_variables
loss_scale_factor momentum momentums name nesterov save_own_variables scale_loss set_weights
stateless_apply update_step use_ema variables weight_decay"""
LOSS = "call dtype from_config get_config name reduction"
METRIC = """add_variable add_weight dtype from_config get_config name reset_state result
stateless_reset_state stateless_result stateless_update_state update_state variables"""
VARIABLE = """assign assign_add assign_sub constraint dtype name ndim numpy path regularizer shape
trainable value"""


def compiled() -> Sequential:
    model = Sequential([Dense(3), Dense(2)])
    model.build((None, 4))
    model.compile(SGD(0.1), "mse", ["mae"])
    return model


@pytest.mark.parametrize(
    ("part", "names"),
    [
        (compiled(), f"{LAYER} {MODEL} {SEQUENTIAL}"),
        (compiled().layers[0], f"{LAYER} {DENSE}"),
        (SGD(0.1), OPTIMIZER),
        (MeanSquaredError(), LOSS),
        (metrics.MeanAbsoluteError(), METRIC),
        (compiled().weights[0], VARIABLE),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_an_attribute_is_there_or_its_error_says_what_to_write(part: Any, names: str) -> None:
    silent = []
    for name in names.split():
        try:
            getattr(part, name)
        except AttributeError as error:
            if f"has no '{name}'. " not in str(error):
                silent.append(str(error))
        except GlassnetError as error:
            silent += [] if error.fix else [name]
    assert not silent


def test_misspelled_attributes_are_plain_errors() -> None:
    with pytest.raises(AttributeError, match=r"^Dense has no 'unit'$"):
        _ = Dense(3).unit  # type: ignore[attr-defined]
    assert not hasattr(Model([Dense(3)]), "network_")


def test_the_learning_rate_is_a_number_that_can_be_assigned() -> None:
    model = compiled()
    rate = model.optimizer.learning_rate  # type: ignore[union-attr]
    assert rate == 0.1
    rate.assign(0.5)  # type: ignore[union-attr]
    assert float(model.optimizer.learning_rate) == 0.5  # type: ignore[union-attr, arg-type]
    model.optimizer.learning_rate = 0.2  # type: ignore[union-attr, misc]
    model.optimizer.learning_rate.assign(np.float32(0.3))  # type: ignore[union-attr]
    assert model.optimizer.learning_rate.numpy() == np.float32(0.3)  # type: ignore[union-attr]
    assert model.optimizer.learning_rate.value == np.float32(0.3)  # type: ignore[union-attr]
    with pytest.raises(GlassnetError, match="learning_rate"):
        model.optimizer.learning_rate.assign(-1)  # type: ignore[union-attr]
