"""An encoder inside two models: trained in an autoencoder, it serves a classifier."""

from glassnet import Dense, Input, Model, load

digits = load("digits")
x, x_test = (images.reshape(-1, 64) / 16 for images in (digits.x_train, digits.x_test))

image, code = Input((64,)), Input((24,))
encoder = Model(image, Dense(24, "relu")(Dense(128, "relu")(image)), name="encoder")
decoder = Model(code, Dense(64)(Dense(128, "relu")(code)), name="decoder")
autoencoder = Model(image, decoder(encoder(image)))
untrained = encoder.clone()  # a copy with weights of its own: no other model trains them

autoencoder.compile("adam", "mse")
autoencoder.fit(x, x, epochs=40, verbose=0)
rebuilt = decoder.predict(encoder.predict(x_test))  # both were trained by the autoencoder
print(f"mean squared error of the autoencoder: {((rebuilt - x_test) ** 2).mean():.4f}")

classifier = Model([encoder, Dense(10, "softmax")], (64,))
classifier.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
classifier.fit(x, digits.y_train, epochs=20, verbose=0)  # trains the encoder further, for all three
_, accuracy = classifier.evaluate(x_test, digits.y_test, verbose=0)
print(f"test accuracy of a classifier on the encoder: {accuracy:.1%}")

rebuilt = decoder.predict(untrained.predict(x_test))
print(
    f"mean squared error with a copy from before training: {((rebuilt - x_test) ** 2).mean():.4f}"
)
