# --- save and load a whole model | refused: compile
model = classifier()
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, labels, shuffle=False, verbose=0)
model.save("my_model.keras")
again = keras.models.load_model("my_model.keras")
result = again.predict(x, verbose=0), again.evaluate(x, labels, verbose=0)

# --- save a whole model and load it to predict
model = classifier()
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, labels, shuffle=False, verbose=0)
model.save("my_model.keras")
again = keras.models.load_model("my_model.keras")
again.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
result = again.predict(x, verbose=0), again.evaluate(x, labels, verbose=0)

# --- keras.saving.load_model
classifier().save("m.keras")
result = keras.saving.load_model("m.keras").predict(x, verbose=0)

# --- weights alone
model = classifier()
model.save_weights("model.weights.h5")
other = classifier(empty=True)
other.load_weights("model.weights.h5")
result = other.predict(x, verbose=0)

# --- the legacy HDF5 format | refused: .keras
classifier().save("model.h5")

# --- a name without a suffix, a folder in Keras 2 | offline
model = classifier()
model.save("saved_model")
result = (keras.models.load_model("saved_model").predict(x) == model.predict(x)).all().item()

# --- export for serving | refused: export
classifier().export("path/to/location")

# --- clone_model makes new weights
model = classifier()
copy = keras.models.clone_model(model)
copy.set_weights(model.get_weights())
result = copy.predict(x, verbose=0)

# --- to_json and model_from_json
model = classifier()
again = keras.models.model_from_json(model.to_json())
again.set_weights(model.get_weights())
result = again.predict(x, verbose=0)

# --- weights between models in memory
a, b = classifier(), classifier(empty=True)
b.set_weights(a.get_weights())
result = b.predict(x, verbose=0)

# --- a Sequential model from its configuration
config = keras.Sequential([keras.Input((8,)), layers.Dense(3, "tanh")]).get_config()
again = keras.Sequential.from_config(config)
fill(again)
result = again.predict(x, verbose=0)

# --- the configuration of an optimizer
config = keras.optimizers.Adam(0.01).get_config()
result = round(float(config["learning_rate"]), 6), config["beta_1"]

# --- an optimizer from its configuration
model = regressor()
model.compile(keras.optimizers.SGD.from_config(keras.optimizers.SGD(0.02, momentum=0.9).get_config()), "mse")
result = model.fit(x, targets, epochs=2, shuffle=False, verbose=0).history["loss"]

# --- load a file that does not exist | refused: nowhere.keras, wrong
keras.models.load_model("nowhere.keras")

# --- training goes on after loading | refused: compile
model = regressor()
model.compile("sgd", "mse")
model.fit(x, targets, shuffle=False, verbose=0)
model.save("m.keras")
again = keras.models.load_model("m.keras")
result = again.fit(x, targets, shuffle=False, verbose=0).history["loss"]

# --- optimizers, losses, layers by identifier | differs: VarianceScaling
optimizer = keras.optimizers.get("adam")
loss = keras.losses.get("mse")
initializer = keras.initializers.get("glorot_uniform")
regularizer = keras.regularizers.get("l2")
result = [type(part).__name__ for part in (optimizer, initializer, regularizer)]
