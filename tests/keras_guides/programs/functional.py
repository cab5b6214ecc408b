# --- a chain of calls
inputs = keras.Input(shape=(8,))
h = layers.Dense(6, activation="relu")(inputs)
h = layers.Dense(6, activation="relu")(h)
outputs = layers.Dense(3)(h)
model = keras.Model(inputs=inputs, outputs=outputs, name="mnist_model")
fill(model)
result = model.name, model.predict(x, verbose=0)

# --- the shape of a node
inputs = keras.Input(shape=(12, 12, 3))
result = tuple(inputs.shape), tuple(layers.Conv2D(4, 3)(inputs).shape)

# --- the dtype of a node
inputs = keras.Input(shape=(8,))
result = str(inputs.dtype)

# --- an autoencoder of two models that share layers
encoder_input = keras.Input(shape=(12, 12, 3), name="img")
h = layers.Conv2D(4, 3, activation="relu")(encoder_input)
h = layers.MaxPooling2D(2)(h)
encoder_output = layers.GlobalMaxPooling2D()(h)
encoder = keras.Model(encoder_input, encoder_output, name="encoder")
h = layers.Reshape((2, 2, 1))(encoder_output)
h = layers.Conv2DTranspose(4, 3, activation="relu")(h)
h = layers.UpSampling2D(3)(h)
decoder_output = layers.Conv2DTranspose(3, 1, activation="relu")(h)
autoencoder = keras.Model(encoder_input, decoder_output, name="autoencoder")
fill(autoencoder)
result = encoder.predict(images, verbose=0), autoencoder.predict(images, verbose=0).mean()

# --- models are called like layers
encoder_input = keras.Input(shape=(8,))
encoder = keras.Model(encoder_input, layers.Dense(3)(encoder_input), name="encoder")
decoder_input = keras.Input(shape=(3,))
decoder = keras.Model(decoder_input, layers.Dense(8)(decoder_input), name="decoder")
autoencoder_input = keras.Input(shape=(8,))
autoencoder = keras.Model(autoencoder_input, decoder(encoder(autoencoder_input)))
fill(autoencoder)
result = autoencoder.predict(x, verbose=0)

# --- an ensemble by average
def get_model():
    inputs = keras.Input(shape=(8,))
    return keras.Model(inputs, layers.Dense(1)(inputs))

inputs = keras.Input(shape=(8,))
outputs = layers.average([get_model()(inputs), get_model()(inputs), get_model()(inputs)])
ensemble = keras.Model(inputs=inputs, outputs=outputs)
fill(ensemble)
result = ensemble.predict(x, verbose=0)

# --- several inputs and outputs, with names and weights of losses | refused: dict
title = keras.Input(shape=(None,), name="title")
body = keras.Input(shape=(None,), name="body")
tags = keras.Input(shape=(8,), name="tags")
title_features = layers.LSTM(5)(layers.Embedding(20, 4)(title))
body_features = layers.LSTM(3)(layers.Embedding(20, 4)(body))
h = layers.concatenate([title_features, body_features, tags])
priority = layers.Dense(1, name="priority")(h)
department = layers.Dense(3, name="department")(h)
model = keras.Model(inputs=[title, body, tags], outputs={"priority": priority, "department": department})
fill(model)
model.compile(
    optimizer=keras.optimizers.RMSprop(1e-3),
    loss={
        "priority": keras.losses.BinaryCrossentropy(from_logits=True),
        "department": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    },
    loss_weights={"priority": 1.0, "department": 0.2},
)
history = model.fit(
    {"title": tokens, "body": tokens, "tags": x[:32]},
    {"priority": binary[:32], "department": labels[:32]},
    epochs=2, batch_size=16, shuffle=False, verbose=0,
)
result = history.history["loss"]

# --- several inputs and outputs, with names and weights of losses, in a list
title = keras.Input(shape=(None,), name="title")
tags = keras.Input(shape=(8,), name="tags")
h = layers.concatenate([layers.LSTM(5)(layers.Embedding(20, 4)(title)), tags])
priority = layers.Dense(1, name="priority")(h)
department = layers.Dense(3, name="department")(h)
model = keras.Model(inputs=[title, tags], outputs=[priority, department])
fill(model)
model.compile(
    optimizer=keras.optimizers.RMSprop(1e-3),
    loss={
        "priority": keras.losses.BinaryCrossentropy(from_logits=True),
        "department": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    },
    loss_weights={"priority": 1.0, "department": 0.2},
)
history = model.fit(
    {"title": tokens, "tags": x[:32]},
    {"priority": binary[:32], "department": labels[:32]},
    epochs=2, batch_size=16, shuffle=False, verbose=0,
)
result = history.history["loss"]

# --- several inputs and outputs in lists
a, b = keras.Input((8,), name="a"), keras.Input((8,), name="b")
h = layers.Concatenate()([a, b])
model = keras.Model([a, b], [layers.Dense(1, name="one")(h), layers.Dense(2, name="two")(h)])
fill(model)
one, two = model.predict([x, x], verbose=0)
result = one, two

# --- a residual network
inputs = keras.Input(shape=(12, 12, 3), name="img")
h = layers.Conv2D(4, 3, activation="relu")(inputs)
block_1 = layers.MaxPooling2D(2)(h)
h = layers.Conv2D(4, 3, activation="relu", padding="same")(block_1)
block_2 = layers.add([h, block_1])
h = layers.GlobalAveragePooling2D()(block_2)
h = layers.Dropout(0.5)(h)
outputs = layers.Dense(10)(h)
model = keras.Model(inputs, outputs, name="toy_resnet")
fill(model)
result = model.predict(images, verbose=0)

# --- shared embedding
shared = layers.Embedding(20, 4)
first, second = keras.Input(shape=(6,)), keras.Input(shape=(6,))
encoded_1, encoded_2 = shared(first), shared(second)
model = keras.Model([first, second], [encoded_1, encoded_2])
fill(model)
one, two = model.predict([tokens, tokens[::-1].copy()], verbose=0)
result = len(model.weights), one.mean(axis=(1, 2)), two.mean(axis=(1, 2))

# --- features of all layers of a graph | differs: model.layers
inputs = keras.Input((8,))
h = layers.Dense(4, activation="tanh")(inputs)
model = keras.Model(inputs, layers.Dense(2)(h))
fill(model)
features = [layer.output for layer in model.layers]
extractor = keras.Model(inputs=model.input, outputs=features)
result = [np.asarray(f) for f in extractor.predict(x, verbose=0)]

# --- a layer of a model by its index
inputs = keras.Input((8,))
model = keras.Model(inputs, layers.Dense(2)(layers.Dense(4, activation="tanh")(inputs)))
fill(model)
cut = keras.Model(model.input, model.layers[-2].output)
result = cut.predict(x, verbose=0)

# --- arithmetic between nodes and numbers
inputs = keras.Input((8,))
h = inputs * 2.0 + 1.0
h = 1 - h / 3
model = keras.Model(inputs, layers.Dense(2)(h))
fill(model)
result = model.predict(x, verbose=0)

# --- slices of nodes
inputs = keras.Input((6, 4))
last = inputs[:, -1]
model = keras.Model(inputs, layers.Dense(2)(last))
fill(model)
result = model.predict(sequences, verbose=0)

# --- operations of keras.ops on nodes | refused: layer
inputs = keras.Input((8,))
outputs = keras.ops.relu(inputs)

# --- a disconnected graph | refused: input, wrong
a, b = keras.Input((8,)), keras.Input((8,))
keras.Model(a, layers.Dense(2)(b))

# --- get_config and from_config of a model
inputs = keras.Input((8,))
model = keras.Model(inputs, layers.Dense(2, activation="tanh")(inputs))
config = model.get_config()
again = keras.Model.from_config(config)
fill(again)
result = again.predict(x, verbose=0)

# --- merging: maximum, minimum, multiply, subtract, dot
a, b = keras.Input((8,)), keras.Input((8,))
outputs = [layers.maximum([a, b]), layers.minimum([a, b]), layers.multiply([a, b]),
           layers.subtract([a, b]), layers.dot([a, b], axes=1)]
model = keras.Model([a, b], outputs)
result = model.predict([x, x[::-1].copy()], verbose=0)

# --- merging layers
a, b = keras.Input((8,)), keras.Input((8,))
outputs = [layers.Maximum()([a, b]), layers.Minimum()([a, b]), layers.Multiply()([a, b]),
           layers.Subtract()([a, b]), layers.Dot(axes=1, normalize=True)([a, b]),
           layers.Average()([a, b])]
model = keras.Model([a, b], outputs)
result = model.predict([x, x[::-1].copy()], verbose=0)

# --- broadcasting in merging layers
a, b = keras.Input((6, 4)), keras.Input((1, 4))
model = keras.Model([a, b], layers.Add()([a, b]))
result = model.predict([sequences, sequences[:, :1]], verbose=0).mean(axis=1)

# --- squeeze and excitation
inputs = keras.Input((12, 12, 4))
s = layers.GlobalAveragePooling2D()(inputs)
s = layers.Dense(2, activation="relu")(s)
s = layers.Dense(4, activation="sigmoid")(s)
s = layers.Reshape((1, 1, 4))(s)
model = keras.Model(inputs, layers.multiply([inputs, s]))
fill(model)
result = model.predict(np.concatenate([images, images[..., :1]], -1), verbose=0).mean(axis=(1, 2))

# --- global pooling that keeps the axes
inputs = keras.Input((12, 12, 3))
model = keras.Model(inputs, layers.GlobalAveragePooling2D(keepdims=True)(inputs))
result = model.predict(images, verbose=0)

# --- plot the graph to a file | offline
inputs = keras.Input((8,))
model = keras.Model(inputs, layers.Dense(2)(inputs))
keras.utils.plot_model(model, "model.svg", show_shapes=True)
result = open("model.svg").read(1)

# --- a model subclass with call | refused: call
class MLP(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(3)

    def call(self, inputs):
        return self.dense(inputs)

MLP()

# --- a siamese network
inner = keras.Sequential([keras.Input((8,)), layers.Dense(4, activation="tanh"), layers.Dense(3)])
left, right = keras.Input((8,)), keras.Input((8,))
distance = layers.Subtract()([inner(left), inner(right)])
model = keras.Model([left, right], layers.Dense(1, activation="sigmoid")(distance))
fill(model)
model.compile("sgd", "binary_crossentropy")
result = model.fit([x, x[::-1].copy()], binary, shuffle=False, verbose=0, epochs=2).history["loss"]
