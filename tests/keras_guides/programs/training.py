# --- compile, fit, evaluate, predict
model = classifier()
model.compile(
    optimizer=keras.optimizers.RMSprop(),
    loss=keras.losses.SparseCategoricalCrossentropy(),
    metrics=[keras.metrics.SparseCategoricalAccuracy()],
)
history = model.fit(x, labels, batch_size=16, epochs=2, shuffle=False, verbose=0,
                    validation_data=(x[:32], labels[:32]))
results = model.evaluate(x, labels, batch_size=16, verbose=0)
result = history.history, results, model.predict(x[:3], verbose=0)

# --- names of optimizer, loss and metric
model = classifier()
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy",
              metrics=["sparse_categorical_accuracy"])
result = model.fit(x, labels, epochs=2, shuffle=False, verbose=0).history

# --- a validation split
model = classifier()
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
result = model.fit(x, labels, batch_size=8, validation_split=0.25, shuffle=False, verbose=0).history

# --- mean squared error and its metrics | differs: whole data set
model = regressor()
model.compile("sgd", "mse", metrics=["mae", "mape", keras.metrics.RootMeanSquaredError()])
result = model.fit(x, targets, epochs=2, shuffle=False, verbose=0, batch_size=64).history

# --- loss functions by class
losses = []
for loss in (keras.losses.MeanAbsoluteError(), keras.losses.Huber(), keras.losses.LogCosh(),
             keras.losses.MeanAbsolutePercentageError(), keras.losses.CosineSimilarity(axis=-1)):
    model = regressor()
    model.compile("sgd", loss)
    losses.append(model.evaluate(x, targets, verbose=0))
result = losses

# --- losses called as functions
y_true, y_pred = np.array([[0.0, 1.0], [0.0, 0.0]]), np.array([[0.6, 0.4], [0.4, 0.6]])
result = [float(keras.losses.BinaryCrossentropy()(y_true, y_pred)),
          float(keras.losses.MeanSquaredError()(y_true, y_pred)),
          float(keras.losses.CategoricalCrossentropy()(y_true, y_pred))]

# --- a plain function as the loss
def custom_squared_error(y_true, y_pred):
    return (y_true - y_pred) ** 2

model = regressor()
model.compile(optimizer=keras.optimizers.Adam(), loss=custom_squared_error)
result = model.fit(x, targets, epochs=2, shuffle=False, verbose=0).history["loss"]

# --- a plain function as a metric
def mean_prediction(y_true, y_pred):
    return y_pred[:, 0] * 1.0

model = regressor()
model.compile("sgd", "mse", metrics=[mean_prediction])
result = model.evaluate(x, targets, verbose=0)

# --- a subclass of Loss | refused: each
class CustomMSE(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return (y_true - y_pred) ** 2

CustomMSE()

# --- a subclass of Metric | refused: measure
class CategoricalTruePositives(keras.metrics.Metric):
    def update_state(self, y_true, y_pred, sample_weight=None):
        pass

    def result(self):
        return 0

CategoricalTruePositives()

# --- class weights
model = classifier()
model.compile("sgd", "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
result = model.fit(x, labels, class_weight={0: 1.0, 1: 2.0, 2: 0.5}, shuffle=False, verbose=0,
                   batch_size=16).history["loss"]

# --- sample weights
weights = np.ones(64)
weights[labels == 1] = 2.0
model = classifier()
model.compile("sgd", "sparse_categorical_crossentropy")
result = model.fit(x, labels, sample_weight=weights, shuffle=False, verbose=0, batch_size=16).history

# --- sample weights in the validation data
model = classifier()
model.compile("sgd", "sparse_categorical_crossentropy")
result = model.fit(x, labels, shuffle=False, verbose=0, batch_size=16,
                   validation_data=(x, labels, np.linspace(0, 1, 64))).history

# --- a list of metrics for each output
a = keras.Input((8,))
model = keras.Model(a, [layers.Dense(1, name="score")(a), layers.Dense(3, "softmax", name="class")(a)])
fill(model)
model.compile("sgd", [keras.losses.MeanSquaredError(), "sparse_categorical_crossentropy"],
              metrics=[["mae"], ["accuracy"]], loss_weights=[2.0, 1.0])
result = model.fit(x, [targets, labels], shuffle=False, verbose=0, batch_size=16).history

# --- a learning-rate schedule
schedule = keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=4, decay_rate=0.5, staircase=True)
model = regressor()
model.compile(keras.optimizers.SGD(learning_rate=schedule), "mse")
result = model.fit(x, targets, epochs=3, batch_size=16, shuffle=False, verbose=0).history["loss"]

# --- a schedule is a function of the step
schedule = keras.optimizers.schedules.CosineDecay(0.1, 10)
result = [float(schedule(step)) for step in (0, 5, 10)]

# --- set the learning rate by assignment
model = regressor()
model.compile(keras.optimizers.SGD(0.1), "mse")
model.optimizer.learning_rate = 0.01
result = model.fit(x, targets, shuffle=False, verbose=0).history["loss"], float(model.optimizer.learning_rate)

# --- learning_rate.assign
model = regressor()
model.compile(keras.optimizers.SGD(0.1), "mse")
model.optimizer.learning_rate.assign(0.01)
result = model.fit(x, targets, shuffle=False, verbose=0).history["loss"]

# --- options of optimizers
losses = []
for optimizer in (
    keras.optimizers.SGD(0.01, momentum=0.9, nesterov=True), keras.optimizers.Adam(0.01, clipnorm=1.0),
    keras.optimizers.AdamW(0.01, weight_decay=0.01), keras.optimizers.Nadam(0.01),
    keras.optimizers.Adagrad(0.1), keras.optimizers.Adadelta(1.0), keras.optimizers.Adamax(0.01),
    keras.optimizers.Lion(0.001), keras.optimizers.RMSprop(0.01, momentum=0.5, centered=True),
    keras.optimizers.Ftrl(0.1), keras.optimizers.Adafactor(0.01),
):
    model = regressor()
    model.compile(optimizer, "mse")
    losses += model.fit(x, targets, epochs=2, shuffle=False, verbose=0).history["loss"]
result = losses

# --- gradient accumulation and moving averages
model = regressor()
model.compile(keras.optimizers.Adam(0.01, gradient_accumulation_steps=2, use_ema=True), "mse")
result = model.fit(x, targets, epochs=2, batch_size=16, shuffle=False, verbose=0).history["loss"]

# --- train_on_batch
model = regressor()
model.compile("sgd", "mse", metrics=["mae"])
result = [model.train_on_batch(x[i:i + 16], targets[i:i + 16]) for i in range(0, 64, 16)]

# --- test_on_batch and predict_on_batch
model = regressor()
model.compile("sgd", "mse", metrics=["mae"])
result = model.test_on_batch(x, targets, return_dict=True), model.predict_on_batch(x)

# --- train from a generator
def batches():
    while True:
        for i in range(0, 64, 16):
            yield x[i:i + 16], targets[i:i + 16]

model = regressor()
model.compile("sgd", "mse")
result = model.fit(batches(), steps_per_epoch=4, epochs=2, verbose=0).history["loss"]

# --- a PyDataset
class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        rows = slice(16 * index, 16 * index + 16)
        return x[rows], targets[rows]

model = regressor()
model.compile("sgd", "mse")
result = model.fit(Batches(), epochs=2, shuffle=False, verbose=0).history["loss"]

# --- validation from a generator
model = regressor()
model.compile("sgd", "mse")
result = model.fit(x, targets, shuffle=False, verbose=0, validation_steps=2,
                   validation_data=((x[i:i + 16], targets[i:i + 16]) for i in (0, 16))).history

# --- predict from batches
model = regressor()
result = model.predict(((x[i:i + 16],) for i in (0, 16, 32)), verbose=0)

# --- steps per epoch with arrays
model = regressor()
model.compile("sgd", "mse")
result = model.fit(x, targets, batch_size=16, steps_per_epoch=2, epochs=2, shuffle=False,
                   verbose=0).history["loss"]

# --- validate every second epoch
model = regressor()
model.compile("sgd", "mse")
history = model.fit(x, targets, epochs=4, validation_data=(x, targets), validation_freq=2,
                    shuffle=False, verbose=0).history
result = len(history["loss"]), len(history["val_loss"]), history["val_loss"][-1]

# --- the initial epoch
model = regressor()
model.compile("sgd", "mse")
history = model.fit(x, targets, epochs=4, initial_epoch=2, shuffle=False, verbose=0)
result = history.epoch, history.history["loss"]

# --- evaluate as a dict
model = classifier()
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
result = model.evaluate(x, labels, return_dict=True, verbose=0)

# --- one-hot targets with to_categorical
model = classifier()
model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
result = model.fit(x, keras.utils.to_categorical(labels, num_classes=3), shuffle=False, verbose=0).history

# --- binary classification with its metrics
inputs = keras.Input((8,))
model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(inputs))
fill(model)
model.compile("adam", "binary_crossentropy", metrics=["accuracy", keras.metrics.Precision(),
              keras.metrics.Recall(), keras.metrics.AUC(num_thresholds=2000)])
values = model.evaluate(x, binary, verbose=0)
result = values[:4], round(values[4], 2)

# --- standalone metrics
m = keras.metrics.SparseCategoricalAccuracy()
m.update_state([2, 1], [[0.1, 0.6, 0.3], [0.05, 0.95, 0]])
first = float(m.result())
m.reset_state()
m.update_state([1], [[0.1, 0.6, 0.3]])
result = first, float(m.result())

# --- the mean as a metric
m = keras.metrics.Mean()
m.update_state([1, 3, 5, 7])
result = float(m.result())

# --- regularizers add to the loss
inputs = keras.Input((8,))
model = keras.Model(inputs, layers.Dense(1, kernel_regularizer=keras.regularizers.L2(0.1),
                                         bias_regularizer="l1")(inputs))
fill(model)
model.compile("sgd", "mse")
result = model.fit(x, targets, epochs=2, shuffle=False, verbose=0).history["loss"]

# --- activity regularizers
inputs = keras.Input((8,))
model = keras.Model(inputs, layers.Dense(1, activity_regularizer=keras.regularizers.L2(0.1))(inputs))
fill(model)
model.compile("sgd", "mse")
result = model.fit(x, targets, epochs=2, shuffle=False, verbose=0).history["loss"]

# --- constraints and initializers
inputs = keras.Input((8,))
model = keras.Model(inputs, layers.Dense(
    2, kernel_initializer=keras.initializers.Constant(0.3), bias_initializer="ones",
    kernel_constraint=keras.constraints.MaxNorm(0.5))(inputs))
model.compile("sgd", "mse")
model.fit(x, x[:, :2], shuffle=False, verbose=0)
result = model.get_weights()

# --- initializers are called with a shape
values = np.asarray(keras.initializers.RandomNormal(stddev=0.01, seed=1)(shape=(50, 40)))
result = values.shape, round(float(values.std()), 3)

# --- jit_compile and run_eagerly | refused: engine
model = regressor()
model.compile("sgd", "mse", run_eagerly=True)

# --- a custom train step | refused: step
class CustomModel(keras.Model):
    def train_step(self, data):
        pass

# --- add_loss | refused: loss
model = regressor()
model.add_loss(lambda: 1.0)

# --- add_metric | refused: metric, wrong
model = regressor()
model.add_metric(1.0, name="m")

# --- a misspelled argument of fit | refused: epochs, wrong
model = regressor()
model.compile("sgd", "mse")
model.fit(x, targets, epoch=3)

# --- fit before compile | refused: compile, wrong
model = regressor()
model.fit(x, targets)

# --- a reduction of the loss
model = regressor()
model.compile("sgd", keras.losses.MeanSquaredError(reduction="sum"))
result = model.evaluate(x, targets, verbose=0)

# --- ignored classes
model = classifier()
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(ignore_class=0))
result = model.fit(x, labels, shuffle=False, verbose=0).history["loss"]

# --- label smoothing and logits
inputs = keras.Input((8,))
model = keras.Model(inputs, layers.Dense(3)(inputs))
fill(model)
model.compile("sgd", keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1))
result = model.evaluate(x, np.eye(3)[labels], verbose=0)

# --- Dice and Tversky
inputs = keras.Input((8,))
losses = []
for loss in (keras.losses.Dice(), keras.losses.Tversky(alpha=0.3, beta=0.7)):
    model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(inputs))
    fill(model)
    model.compile("sgd", loss)
    losses.append(model.evaluate(x, binary, verbose=0))
result = losses

# --- losses and metrics by name
values = []
for name in ("mse", "mae", "mape", "msle", "log_cosh", "huber", "cosine_similarity"):
    model = regressor()
    model.compile("sgd", name)
    values.append(model.evaluate(x, np.abs(targets), verbose=0))
result = values

# --- the Poisson loss of linear outputs | refused: softplus
model = regressor()
model.compile("sgd", "poisson")

# --- a tf.data.Dataset | needs tensorflow
import tensorflow as tf

dataset = tf.data.Dataset.from_tensor_slices((x, targets)).batch(16)
model = regressor()
model.compile("sgd", "mse")
result = model.fit(dataset, epochs=2, verbose=0, shuffle=False).history["loss"]

# --- a PyTorch DataLoader | needs torch
import torch

data = torch.utils.data.TensorDataset(torch.tensor(x), torch.tensor(targets))
model = regressor()
model.compile("sgd", "mse")
loader = torch.utils.data.DataLoader(data, batch_size=16)
result = model.fit(loader, epochs=2, verbose=0).history["loss"]

# --- a training loop of your own with a gradient tape | refused: training, needs tensorflow
import tensorflow as tf

model = regressor()
with tf.GradientTape() as tape:
    loss = keras.losses.MeanSquaredError()(targets, model(x, training=True))
gradients = tape.gradient(loss, model.trainable_weights)
