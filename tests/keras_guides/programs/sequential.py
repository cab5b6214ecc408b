# --- a list of layers
model = keras.Sequential([
    keras.Input((8,)),
    layers.Dense(4, activation="relu", name="layer1"),
    layers.Dense(3, name="layer2"),
])
fill(model)
result = model.predict(x, verbose=0)

# --- layers are added one by one
model = keras.Sequential()
model.add(keras.Input(shape=(8,)))
model.add(layers.Dense(4, activation="relu"))
model.add(layers.Dense(3, activation="softmax"))
fill(model)
result = model.predict(x, verbose=0)

# --- add without an input, then build
model = keras.Sequential()
model.add(layers.Dense(4))
model.add(layers.Dense(2))
model.build((None, 8))
fill(model)
result = model.predict(x, verbose=0), len(model.weights)

# --- pop removes the last layer
model = keras.Sequential([keras.Input((8,)), layers.Dense(4), layers.Dense(3)])
model.pop()
fill(model)
result = len(model.layers), model.predict(x, verbose=0)

# --- a name
model = keras.Sequential([keras.Input((8,)), layers.Dense(2, name="out")], name="my_sequential")
result = model.name, [layer.name for layer in model.layers]

# --- the number of weights
model = keras.Sequential([keras.Input((8,)), layers.Dense(4), layers.Dense(3)])
result = len(model.weights), [tuple(w.shape) for w in model.weights], model.count_params()

# --- called on an array, the model builds itself
model = keras.Sequential([layers.Dense(2, activation="relu"), layers.Dense(3)])
model(x)
fill(model)
result = np.asarray(model(x))

# --- summary as lines
model = keras.Sequential([keras.Input((8,)), layers.Dense(4), layers.Dense(3)])
lines = []
model.summary(print_fn=lambda line, line_break=False: lines.append(line))
result = "51" in "".join(lines)

# --- features of every layer
initial = keras.Sequential([
    keras.Input((12, 12, 3)),
    layers.Conv2D(4, 5, strides=2, activation="relu", name="conv"),
    layers.Conv2D(4, 3, activation="relu"),
])
fill(initial)
extractor = keras.Model(inputs=initial.inputs, outputs=[layer.output for layer in initial.layers])
features = extractor.predict(images, verbose=0)
result = [np.asarray(f).mean() for f in features]

# --- features of an intermediate layer
model = keras.Sequential([
    keras.Input((12, 12, 3)),
    layers.Conv2D(4, 5, strides=2, activation="relu"),
    layers.Conv2D(4, 3, activation="relu", name="my_intermediate_layer"),
    layers.Conv2D(4, 2, activation="relu"),
])
fill(model)
extractor = keras.Model(
    inputs=model.inputs, outputs=model.get_layer(name="my_intermediate_layer").output
)
result = extractor.predict(images, verbose=0).mean(axis=(1, 2))

# --- freeze all layers but the last
model = keras.Sequential([keras.Input((8,)), layers.Dense(4), layers.Dense(1)])
fill(model)
for layer in model.layers[:-1]:
    layer.trainable = False
model.compile("sgd", "mse")
model.fit(x, targets, epochs=2, shuffle=False, verbose=0)
result = model.get_weights()

# --- a stack with global pooling | differs: batch axis
model = keras.Sequential()
model.add(keras.Input(shape=(12, 12, 3)))
model.add(layers.Conv2D(4, 3, strides=2, activation="relu"))
model.add(layers.MaxPooling2D(2))
model.add(layers.Conv2D(8, 2, activation="relu"))
model.add(layers.GlobalMaxPooling2D())
model.add(layers.Dense(10))
fill(model)
result = tuple(model.output_shape), model.predict(images, verbose=0)

# --- the wrong input size | refused: 8, wrong
model = keras.Sequential([keras.Input((8,)), layers.Dense(4)])
model.predict(np.zeros((2, 7), "float32"), verbose=0)

# --- input_shape of the first layer | refused: input_shape
model = keras.Sequential([layers.Dense(4, input_shape=(8,)), layers.Dense(3)])

# --- input_dim of the first layer | refused: input_shape
model = keras.Sequential([layers.Dense(4, input_dim=8), layers.Dense(3)])

# --- a model inside a model
inner = keras.Sequential([keras.Input((8,)), layers.Dense(4, activation="relu")])
model = keras.Sequential([keras.Input((8,)), inner, layers.Dense(2)])
fill(model)
result = model.predict(x, verbose=0), len(model.layers)

# --- activations as layers
model = keras.Sequential([
    keras.Input((8,)), layers.Dense(4), layers.Activation("relu"), layers.Dense(3),
    layers.Softmax(),
])
fill(model)
result = model.predict(x, verbose=0)

# --- models.Sequential
from keras import models

model = models.Sequential()
model.add(layers.InputLayer(shape=(8,)))
model.add(layers.Dense(1, activation="sigmoid"))
fill(model)
result = model.predict(x, verbose=0)
