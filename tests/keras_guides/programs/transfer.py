# --- freeze a layer | refused: frozen
layer = layers.Dense(3)
layer.build((None, 4))
layer.trainable = False

# --- freeze a model | refused: frozen
model = classifier()
model.trainable = False

# --- trainable at construction | refused: trainable
layers.Dense(3, trainable=False)

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
