# --- freeze a layer
layer = layers.Dense(3)
layer.build((None, 4))
layer.trainable = False
result = len(layer.weights), len(layer.trainable_weights), len(layer.non_trainable_weights)

# --- freeze a model
model = classifier()
model.trainable = False
result = model.layers[0].trainable, len(model.trainable_weights), len(model.non_trainable_weights)

# --- trainable at construction
layer = layers.Dense(3, trainable=False)
layer.build((None, 4))
result = layer.trainable, len(layer.trainable_weights)

# --- a frozen base and a new head
base = keras.Sequential([
    keras.Input((8,)), layers.Dense(6, activation="relu"), layers.BatchNormalization()
])
base.trainable = False
inputs = keras.Input((8,))
model = keras.Model(inputs, layers.Dense(1)(base(inputs, training=False)))
fill(model)
model.compile(keras.optimizers.Adam(), "mse")
losses = model.fit(x, targets, epochs=2, shuffle=False, verbose=0).history["loss"]
result = losses, model.get_weights()

# --- fine-tuning after the head was trained | differs: training=False
base = keras.Sequential([
    keras.Input((8,)), layers.Dense(6, activation="relu"), layers.BatchNormalization()
])
base.trainable = False
inputs = keras.Input((8,))
model = keras.Model(inputs, layers.Dense(1)(base(inputs, training=False)))
fill(model)
model.compile(keras.optimizers.Adam(1e-2), "mse")
model.fit(x, targets, epochs=2, shuffle=False, verbose=0)
base.trainable = True
model.compile(keras.optimizers.Adam(1e-3), "mse")
losses = model.fit(x, targets, epochs=2, shuffle=False, verbose=0).history["loss"]
result = losses, model.get_weights()

# --- a frozen layer with a penalty, weight decay and averages
model = keras.Sequential([
    keras.Input((8,)), layers.Dense(4, activation="relu", kernel_regularizer="l2"), layers.Dense(1)
])
fill(model)
model.layers[0].trainable = False
model.compile(keras.optimizers.AdamW(0.01, weight_decay=0.1, use_ema=True), "mse")
losses = model.fit(x, targets, epochs=2, shuffle=False, verbose=0).history["loss"]
result = losses, model.get_weights()

# --- freeze some layers of a base, then unfreeze others
base = classifier()
base.trainable = True
for layer in base.layers[:1]:
    layer.trainable = False
result = [layer.trainable for layer in base.layers], len(base.trainable_weights)

# --- unfreeze the last layer of a frozen base
base = classifier()
base.trainable = False
base.layers[-1].trainable = True
model = keras.Sequential([keras.Input((8,)), base, layers.Dense(1)])
result = len(model.trainable_weights), len(base.trainable_weights)

# --- a discriminator that is frozen in the combined model
discriminator = keras.Sequential([
    keras.Input((8,)), layers.Dense(4, activation="relu"), layers.Dense(1, activation="sigmoid")
])
generator = keras.Sequential([keras.Input((8,)), layers.Dense(8)])
fill(discriminator)
fill(generator)
discriminator.trainable = False
combined = keras.Sequential([keras.Input((8,)), generator, discriminator])
combined.compile("adam", "binary_crossentropy")
losses = [float(combined.train_on_batch(x, (targets > 0).astype("float32"))) for _ in range(3)]
result = losses, discriminator.get_weights()

# --- a pretrained network | refused: applications
base = keras.applications.Xception(weights="imagenet", input_shape=(150, 150, 3), include_top=False)

# --- another pretrained network | refused: applications
base = keras.applications.MobileNetV2(weights=None)

# --- a new head on the features of a model
base = classifier()
features = base.layers[-2].output
outputs = layers.Dense(5, activation="softmax", name="new_head")(features)
model = keras.Model(base.inputs, outputs)
fill(model)
result = model.predict(x, verbose=0)

# --- a base called in inference mode | differs: training=False
base = keras.Sequential([keras.Input((8,)), layers.Dense(4, activation="relu"), layers.Dropout(0.5)])
inputs = keras.Input((8,))
h = base(inputs, training=False)
model = keras.Model(inputs, layers.Dense(1)(h))
fill(model)
model.compile("sgd", "mse")
result = model.fit(x, targets, shuffle=False, verbose=0).history["loss"]

# --- features computed once
base = classifier()
features = keras.Model(base.inputs, base.layers[-2].output).predict(x, verbose=0)
head = keras.Sequential([keras.Input(features.shape[1:]), layers.Dense(1)])
fill(head)
head.compile("sgd", "mse")
result = head.fit(features, targets, shuffle=False, verbose=0).history["loss"]

# --- weights of named layers
base, model = classifier(), classifier(empty=True)
model.get_layer("hidden").set_weights(base.get_layer("hidden").get_weights())
model.get_layer("out").set_weights(base.get_layer("out").get_weights())
result = model.predict(x, verbose=0)

# --- the number of trainable weights
model = classifier()
result = len(model.trainable_weights), len(model.non_trainable_weights)

# --- normalization of the inputs as a layer
inputs = keras.Input((12, 12, 3))
h = layers.Rescaling(scale=1 / 127.5, offset=-1)(inputs)
model = keras.Model(inputs, layers.GlobalAveragePooling2D()(h))
result = model.predict(images * 255, verbose=0)

# --- augmentation inside the model, inactive at prediction
augment = keras.Sequential([keras.Input((12, 12, 3)), layers.RandomFlip("horizontal"), layers.RandomRotation(0.1)])
inputs = keras.Input((12, 12, 3))
model = keras.Model(inputs, layers.GlobalAveragePooling2D()(augment(inputs)))
result = model.predict(images, verbose=0)

# --- batch normalization trains and predicts differently
inputs = keras.Input((8,))
h = layers.BatchNormalization(momentum=0.5)(inputs)
model = keras.Model(inputs, layers.Dense(1)(h))
fill(model)
model.compile("sgd", "mse")
losses = model.fit(x, targets, epochs=2, batch_size=32, shuffle=False, verbose=0).history["loss"]
result = losses, model.predict(x, verbose=0)

# --- a new head instead of the last layer, in a list of layers
base = classifier()
model = keras.Sequential([*base.layers[:-1], layers.Dense(3, activation="softmax", name="new_head")])
new = [[0.1 * i - 0.2 * j for j in range(3)] for i in range(base.layers[-1].kernel.shape[0])]
model.build((None, 8))
model.get_layer("new_head").set_weights([np.array(new, "float32"), np.zeros(3, "float32")])
result = model.predict(x, verbose=0)

# --- a new head on the output of a named layer
base = classifier()
model = keras.Model(base.inputs, layers.Dense(2, name="new_head")(base.get_layer("hidden").output))
new = np.linspace(-1, 1, 2 * base.get_layer("hidden").units).reshape(-1, 2).astype("float32")
model.get_layer("new_head").set_weights([new, np.zeros(2, "float32")])
result = model.predict(x, verbose=0)

# --- fine-tuning end to end
base = classifier()
base.trainable = False
inputs = keras.Input((8,))
features = keras.Model(base.inputs, base.get_layer("hidden").output)
outputs = layers.Dense(1, name="new_head")(layers.Dropout(0.0)(features(inputs)))
model = keras.Model(inputs, outputs)
new = np.linspace(-1, 1, base.get_layer("hidden").units).reshape(-1, 1).astype("float32")
model.get_layer("new_head").set_weights([new, np.zeros(1, "float32")])
model.compile(keras.optimizers.Adam(1e-2), "mse")
frozen = model.fit(x, targets, epochs=2, shuffle=False, verbose=0).history["loss"]
base.trainable = True
model.compile(keras.optimizers.Adam(1e-3), "mse")
tuned = model.fit(x, targets, epochs=2, shuffle=False, verbose=0).history["loss"]
result = frozen, tuned, base.get_layer("hidden").get_weights()
