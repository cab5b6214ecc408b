# --- the convnet for MNIST
model = keras.Sequential([
    keras.Input(shape=(12, 12, 3)),
    layers.Conv2D(4, kernel_size=(3, 3), activation="relu"),
    layers.MaxPooling2D(pool_size=(2, 2)),
    layers.Conv2D(6, kernel_size=(3, 3), activation="relu"),
    layers.Flatten(),
    layers.Dropout(0.0),
    layers.Dense(4, activation="softmax"),
])
fill(model)
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
y = keras.utils.to_categorical(image_labels, 4)
history = model.fit(images, y, batch_size=8, epochs=2, validation_split=0.25, shuffle=False, verbose=0)
result = history.history["loss"], model.evaluate(images, y, verbose=0)

# --- a separable network
inputs = keras.Input((12, 12, 3))
h = layers.Conv2D(4, 3, strides=2, padding="same")(inputs)
h = layers.Activation("relu")(layers.BatchNormalization()(h))
h = layers.SeparableConv2D(6, 3, padding="same")(h)
h = layers.MaxPooling2D(3, strides=2, padding="same")(h)
residual = layers.Conv2D(6, 1, strides=2, padding="same")(inputs)
residual = layers.MaxPooling2D(2, padding="same")(residual)
h = layers.GlobalAveragePooling2D()(layers.add([h, residual]))
model = keras.Model(inputs, layers.Dense(1)(layers.Dropout(0.25)(h)))
fill(model)
result = model.predict(images, verbose=0)

# --- a depthwise block
model = keras.Sequential([
    keras.Input((12, 12, 3)), layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same"),
    layers.ReLU(max_value=6.0), layers.ZeroPadding2D(((1, 0), (0, 1))), layers.Conv2D(2, 1, use_bias=False),
    layers.Cropping2D(2), layers.GlobalAvgPool2D(),
])
fill(model)
result = model.predict(images, verbose=0)

# --- aliases of pooling
model = keras.Sequential([keras.Input((12, 12, 3)), layers.MaxPool2D(), layers.AvgPool2D(2), layers.GlobalMaxPool2D()])
result = model.predict(images, verbose=0)

# --- a U-net in small
inputs = keras.Input((12, 12, 3))
down = layers.Conv2D(4, 3, padding="same", activation="relu")(inputs)
middle = layers.Conv2D(6, 3, padding="same", activation="relu")(layers.MaxPooling2D()(down))
up = layers.Conv2DTranspose(4, 2, strides=2, padding="same")(middle)
h = layers.Concatenate(axis=-1)([up, down])
model = keras.Model(inputs, layers.Conv2D(2, 1, activation="softmax")(h))
fill(model)
result = model.predict(images, verbose=0).mean(axis=(1, 2))

# --- volumes
volumes = np.stack([images[:8], images[8:]], axis=1)[:, :, :6, :6]
volumes = np.concatenate([volumes] * 3, axis=1)
model = keras.Sequential([
    keras.Input((6, 6, 6, 3)), layers.Conv3D(4, 3, activation="relu"), layers.MaxPooling3D(2),
    layers.GlobalAveragePooling3D(), layers.Dense(2),
])
fill(model)
result = model.predict(volumes, verbose=0)

# --- the kinds of leaky activations
model = keras.Sequential([
    keras.Input((8,)), layers.LeakyReLU(negative_slope=0.2), layers.ELU(alpha=0.5),
    layers.PReLU(alpha_initializer="ones"), layers.Dense(3),
])
fill(model)
result = model.predict(x, verbose=0)

# --- a generator of images with LeakyReLU
model = keras.Sequential([
    keras.Input((8,)), layers.Dense(3 * 3 * 4), layers.Reshape((3, 3, 4)),
    layers.Conv2DTranspose(4, kernel_size=4, strides=2, padding="same"), layers.LeakyReLU(negative_slope=0.2),
    layers.Conv2D(3, kernel_size=5, padding="same", activation="sigmoid"),
])
fill(model)
result = model.predict(x, verbose=0).mean(axis=(1, 2))

# --- normalization layers
outputs = []
for layer in (layers.LayerNormalization(), layers.GroupNormalization(groups=3), layers.UnitNormalization(),
              layers.RMSNormalization()):
    model = keras.Sequential([keras.Input((12, 12, 3)), layer])
    outputs.append(model.predict(images, verbose=0).mean(axis=(1, 2)))
result = outputs

# --- normalization adapted to the data
layer = layers.Normalization(axis=-1)
layer.adapt(x)
model = keras.Sequential([keras.Input((8,)), layer, layers.Dense(1)])
fill(model, only=layers.Dense)
result = model.predict(x, verbose=0)

# --- random augmentation in training
model = keras.Sequential([
    keras.Input((12, 12, 3)), layers.RandomFlip("horizontal", seed=1), layers.RandomRotation(0.1),
    layers.RandomZoom(0.1), layers.RandomTranslation(0.1, 0.1), layers.RandomContrast(0.1),
    layers.GlobalAveragePooling2D(), layers.Dense(4),
])
fill(model)
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(images, image_labels, verbose=0)
result = model.predict(images, verbose=0).shape

# --- resizing and cropping
model = keras.Sequential([keras.Input((12, 12, 3)), layers.CenterCrop(6, 6), layers.GlobalAveragePooling2D()])
result = model.predict(images, verbose=0)

# --- a vision transformer's patches
inputs = keras.Input((12, 12, 3))
h = layers.Conv2D(8, 4, strides=4)(inputs)
h = layers.Reshape((9, 8))(h)
h = layers.MultiHeadAttention(2, 4)(h, h)
model = keras.Model(inputs, layers.GlobalAveragePooling1D()(layers.Dense(8, activation="gelu")(h)))
fill(model)
result = model.predict(images, verbose=0)

# --- channels first | refused: channels
layers.Conv2D(4, 3, data_format="channels_first")

# --- images from a folder | refused: load
keras.utils.image_dataset_from_directory("PetImages", image_size=(180, 180), batch_size=128)

# --- a data generator of Keras 2 | refused: augment, wrong
keras.preprocessing.image.ImageDataGenerator(rotation_range=20)

# --- spatial dropout and noise are inactive at prediction
model = keras.Sequential([
    keras.Input((12, 12, 3)), layers.SpatialDropout2D(0.5), layers.GaussianNoise(0.1), layers.GaussianDropout(0.2),
    layers.AlphaDropout(0.2), layers.GlobalMaxPooling2D(),
])
result = model.predict(images, verbose=0)

# --- upsampling
model = keras.Sequential([keras.Input((12, 12, 3)), layers.UpSampling2D(2, interpolation="nearest"), layers.AveragePooling2D(4)])
result = model.predict(images, verbose=0).mean(axis=(1, 2))

# --- dropout with a noise shape
model = keras.Sequential([keras.Input((6, 4)), layers.Dropout(0.5, noise_shape=(None, 1, 4), seed=3)])
result = model.predict(sequences, verbose=0).mean(axis=1)

# --- focal losses
model = keras.Sequential([keras.Input((8,)), layers.Dense(1, activation="sigmoid")])
fill(model)
model.compile("sgd", keras.losses.BinaryFocalCrossentropy(gamma=2.0))
result = model.evaluate(x, binary, verbose=0)

# --- segmentation with one class for each pixel
model = keras.Sequential([keras.Input((12, 12, 3)), layers.Conv2D(3, 3, padding="same", activation="softmax")])
fill(model)
model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
result = model.fit(images, (images[..., 0] * 3).astype("int32"), shuffle=False, verbose=0).history
