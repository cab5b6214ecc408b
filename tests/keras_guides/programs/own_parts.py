# --- a layer with build and call | refused: forward
class Linear(keras.layers.Layer):
    def __init__(self, units=32):
        super().__init__()
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer="random_normal")

    def call(self, inputs):
        return keras.ops.matmul(inputs, self.w)

Linear(4)

# --- a layer with a call only | refused: forward
class Double(layers.Layer):
    def call(self, inputs):
        return inputs * 2

# --- a layer without trainable weights | refused: field
class ComputeSum(layers.Layer):
    def __init__(self, input_dim):
        super().__init__()
        self.total = self.add_weight(initializer="zeros", shape=(input_dim,), trainable=False)

ComputeSum(3)

# --- weights of a layer
layer = layers.Dense(3)
layer.build((None, 8))
result = [tuple(w.shape) for w in layer.weights], len(layer.trainable_weights), len(layer.non_trainable_weights)

# --- batch normalization has weights that are not trained
layer = layers.BatchNormalization()
layer.build((None, 4))
result = len(layer.weights), len(layer.trainable_weights), len(layer.non_trainable_weights)

# --- a layer called on an array
layer = layers.Dense(3, kernel_initializer="ones")
y = layer(np.ones((2, 8), "float32"))
result = np.asarray(y)

# --- get and set the weights of a layer
model = regressor()
layer = model.layers[-1]
w, b = layer.get_weights()
layer.set_weights([w * 2, b + 1])
result = model.predict(x, verbose=0)

# --- copy weights from one layer to another
a, b = keras.Sequential([keras.Input((8,)), layers.Dense(3)]), keras.Sequential([keras.Input((8,)), layers.Dense(3)])
fill(a)
b.layers[0].set_weights(a.layers[0].get_weights())
result = b.predict(x, verbose=0)

# --- assign to a weight
model = regressor()
model.layers[-1].bias.assign([5.0])
result = model.predict(x, verbose=0)

# --- weights in NumPy
model = regressor()
result = [w.numpy().sum() for w in model.trainable_weights]

# --- names of weights
model = keras.Sequential([keras.Input((8,)), layers.Dense(3, name="head")], name="net")
result = [w.name for w in model.weights]

# --- the configuration of a layer
config = layers.Dense(3, activation="relu", name="d").get_config()
result = config["units"], config["activation"], config["name"], config["use_bias"]

# --- a layer from its configuration
layer = layers.Dense.from_config(layers.Dense(3, activation="relu").get_config())
model = keras.Sequential([keras.Input((8,)), layer])
fill(model)
result = model.predict(x, verbose=0)

# --- a Lambda layer of an unregistered function
model = keras.Sequential([keras.Input((8,)), layers.Lambda(lambda t: t * 2 + 1)])
result = model.predict(x, verbose=0)

# --- an own activation as a plain function
def my_activation(t):
    return t * 0.5

model = keras.Sequential([keras.Input((8,)), layers.Dense(2, activation=my_activation)])
fill(model)
model.compile("sgd", "mse")
result = model.fit(x, x[:, :2], epochs=2, shuffle=False, verbose=0).history["loss"]

# --- an activation by function
model = keras.Sequential([keras.Input((8,)), layers.Dense(2, activation=keras.activations.relu)])
fill(model)
result = model.predict(x, verbose=0)

# --- an own initializer as a function
def half(shape, dtype=None):
    return np.full(shape, 0.5, "float32")

model = keras.Sequential([keras.Input((8,)), layers.Dense(2, kernel_initializer=half)])
result = model.predict(x, verbose=0)

# --- an own regularizer as a function | refused: NumPy
model = keras.Sequential([
    keras.Input((8,)), layers.Dense(2, kernel_regularizer=lambda w: 0.1 * keras.ops.sum(w**2)),
])
fill(model)
model.compile("sgd", "mse")
result = model.fit(x, x[:, :2], epochs=2, shuffle=False, verbose=0).history["loss"]

# --- a schedule class of your own | refused: Schedule
class MySchedule(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, initial):
        self.initial = initial

    def __call__(self, step):
        return self.initial / (step + 1)

keras.optimizers.SGD(MySchedule(0.1))

# --- an optimizer of your own | refused: update
class MySGD(keras.optimizers.Optimizer):
    def update_step(self, gradient, variable, learning_rate):
        variable.assign_sub(learning_rate * gradient)

# --- registration for saving | refused: register
@keras.saving.register_keras_serializable(package="my_package")
def my_metric(y_true, y_pred):
    return y_pred[:, 0]

result = keras.saving.get_registered_name(my_metric) != ""

# --- custom objects at loading | refused: register
keras.models.load_model("m.keras", custom_objects={"Linear": None})

# --- apply activations to arrays
values = np.array([-2.0, -0.5, 0.0, 0.5, 2.0], "float32")
names = ["relu", "sigmoid", "tanh", "softplus", "softsign", "selu", "elu", "exponential", "swish",
         "silu", "gelu", "hard_sigmoid", "mish", "relu6", "leaky_relu", "log_sigmoid", "hard_silu"]
model_of = lambda name: keras.Sequential([keras.Input((5,)), layers.Activation(name)])
result = [model_of(name).predict(values[None], verbose=0)[0] for name in names]
