# --- early stopping
model = regressor()
model.compile("sgd", "mse")
stop = keras.callbacks.EarlyStopping(monitor="val_loss", min_delta=1e3, patience=2, verbose=0)
history = model.fit(x, targets, epochs=20, validation_split=0.2, callbacks=[stop], shuffle=False, verbose=0)
result = history.epoch, history.history["val_loss"]

# --- early stopping that restores the best weights
model = regressor()
model.compile(keras.optimizers.SGD(0.5), "mse")
stop = keras.callbacks.EarlyStopping("loss", patience=1, restore_best_weights=True)
model.fit(x, targets, epochs=6, callbacks=[stop], shuffle=False, verbose=0)
result = model.get_weights()

# --- a checkpoint of the best model
model = regressor()
model.compile("sgd", "mse")
best = keras.callbacks.ModelCheckpoint("best_{epoch}.keras", save_best_only=True, monitor="val_loss")
model.fit(x, targets, epochs=2, validation_split=0.2, callbacks=[best], shuffle=False, verbose=0)
again = keras.models.load_model("best_2.keras")
result = again.predict(x, verbose=0)

# --- a callback of your own
class CustomCallback(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_begin(self, logs=None):
        self.seen.append("begin")

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append((epoch, sorted(logs)))

    def on_train_end(self, logs=None):
        self.seen.append("end")

model = regressor()
model.compile("sgd", "mse", metrics=["mae"])
callback = CustomCallback()
model.fit(x, targets, epochs=2, callbacks=[callback], verbose=0)
result = callback.seen

# --- losses of every batch
class LossHistory(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.per_batch_losses = []

    def on_train_batch_end(self, batch, logs=None):
        self.per_batch_losses.append((batch, logs.get("loss")))

model = regressor()
model.compile("sgd", "mse")
callback = LossHistory()
model.fit(x, targets, batch_size=16, callbacks=[callback], shuffle=False, verbose=0)
result = callback.per_batch_losses

# --- callbacks of evaluate and predict
class Counter(keras.callbacks.Callback):
    count = 0

    def on_test_batch_end(self, batch, logs=None):
        self.count += 1

    def on_predict_batch_end(self, batch, logs=None):
        self.count += 10

model = regressor()
model.compile("sgd", "mse")
counter = Counter()
model.evaluate(x, targets, batch_size=16, callbacks=[counter], verbose=0)
model.predict(x, batch_size=32, callbacks=[counter], verbose=0)
result = counter.count

# --- stop training at a loss
class StopAt(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if logs["loss"] < 1e9:
            self.model.stop_training = True

model = regressor()
model.compile("sgd", "mse")
result = model.fit(x, targets, epochs=9, callbacks=[StopAt()], verbose=0).epoch

# --- a schedule by a function of epoch and rate
def scheduler(epoch, lr):
    return lr if epoch < 2 else lr * 0.5

model = regressor()
model.compile(keras.optimizers.SGD(0.1), "mse")
model.fit(x, targets, epochs=4, callbacks=[keras.callbacks.LearningRateScheduler(scheduler)],
          shuffle=False, verbose=0)
result = round(float(model.optimizer.learning_rate), 5), model.get_weights()

# --- set the rate in a callback
class Halve(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.model.optimizer.learning_rate = 0.1 / 2**epoch

model = regressor()
model.compile(keras.optimizers.SGD(0.1), "mse")
model.fit(x, targets, epochs=3, callbacks=[Halve()], shuffle=False, verbose=0)
result = model.get_weights()

# --- reduce the rate on a plateau
model = regressor()
model.compile(keras.optimizers.SGD(0.1), "mse")
plateau = keras.callbacks.ReduceLROnPlateau(monitor="loss", factor=0.2, patience=1, min_lr=0.001, min_delta=1e3)
model.fit(x, targets, epochs=4, callbacks=[plateau], shuffle=False, verbose=0)
result = float(model.optimizer.learning_rate)

# --- a log in CSV
model = regressor()
model.compile("sgd", "mse")
model.fit(x, targets, epochs=2, callbacks=[keras.callbacks.CSVLogger("log.csv")], shuffle=False, verbose=0)
result = open("log.csv").readline().strip().split(",")

# --- a lambda callback
rows = []
model = regressor()
model.compile("sgd", "mse")
callback = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: rows.append(logs["loss"]))
model.fit(x, targets, epochs=2, callbacks=[callback], shuffle=False, verbose=0)
result = rows

# --- back up and restore
model = regressor()
model.compile("sgd", "mse")
backup = keras.callbacks.BackupAndRestore(backup_dir="backup")
result = model.fit(x, targets, epochs=2, callbacks=[backup], shuffle=False, verbose=0).history["loss"]

# --- a checkpoint of weights alone
checkpoint = keras.callbacks.ModelCheckpoint("cp-{epoch:02d}.weights.h5", save_weights_only=True)
model = regressor()
model.compile("sgd", "mse")
model.fit(x, targets, epochs=2, callbacks=[checkpoint], shuffle=False, verbose=0)
again = regressor()
again.load_weights("cp-02.weights.h5")
result = again.predict(x, verbose=0)

# --- terminate on NaN
model = regressor()
model.compile("sgd", "mse")
result = model.fit(x, targets, callbacks=[keras.callbacks.TerminateOnNaN()], shuffle=False, verbose=0).epoch

# --- a misspelled monitor | refused: val_loss
model = regressor()
model.compile("sgd", "mse")
model.fit(x, targets, epochs=2, validation_split=0.2, verbose=0,
          callbacks=[keras.callbacks.EarlyStopping(monitor="val_los")])

# --- the history callback
model = regressor()
model.compile("sgd", "mse")
history = model.fit(x, targets, epochs=2, shuffle=False, verbose=0)
result = type(history).__name__, history.params["epochs"]

# --- the weights that a callback sees
class Norms(keras.callbacks.Callback):
    norms = ()

    def on_epoch_end(self, epoch, logs=None):
        self.norms += (float(np.abs(self.model.layers[-1].get_weights()[0]).sum()),)

model = regressor()
model.compile("sgd", "mse")
norms = Norms()
model.fit(x, targets, epochs=2, callbacks=[norms], shuffle=False, verbose=0)
result = norms.norms

# --- extra values in the logs
class Extra(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs["extra"] = epoch * 2.0

model = regressor()
model.compile("sgd", "mse")
result = model.fit(x, targets, epochs=2, callbacks=[Extra()], verbose=0).history["extra"]
