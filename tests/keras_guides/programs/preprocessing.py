# --- one-hot of categories
layer = layers.CategoryEncoding(num_tokens=4, output_mode="multi_hot")
model = keras.Sequential([keras.Input((2,), dtype="int32"), layer])
result = model.predict(np.array([[0, 1], [0, 0], [1, 2], [3, 1]]), verbose=0)

# --- discretization
model = keras.Sequential([keras.Input((8,)), layers.Discretization(bin_boundaries=[0.0, 1.0, 2.0])])
result = np.asarray(model.predict(x, verbose=0)).sum()

# --- vectorizing texts | refused: docs/texts.md
layers.TextVectorization(output_mode="int")

# --- looking up strings | refused: columns
layers.StringLookup(vocabulary=["a", "b"])

# --- hashing | refused: columns
layers.Hashing(num_bins=3)

# --- to_categorical and normalize
result = (np.asarray(keras.utils.to_categorical([0, 1, 2, 3], num_classes=4)),
          np.asarray(keras.utils.normalize(x[:2])))

# --- the seed of all random numbers | refused: seed
keras.utils.set_random_seed(812)
result = 1.0

# --- a known data set | offline
(x_train, y_train), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()
result = x_train.shape, y_train.shape, x_test.shape, str(x_train.dtype)

# --- an unknown data set | refused: load
(x_train, y_train), _ = keras.datasets.imdb.load_data(num_words=10000)

# --- split a data set | refused: stratified_split
keras.utils.split_dataset(x, left_size=0.8)

# --- time series | refused: fit
keras.utils.timeseries_dataset_from_array(x, targets, sequence_length=3)

# --- texts to sequences of Keras 2 | refused: docs/texts.md, wrong
keras.preprocessing.text.Tokenizer(num_words=100)

# --- the backend | refused: engine
keras.backend.clear_session()

# --- the configuration of floats | refused: float32
result = keras.config.floatx()

# --- mixed precision | refused: dtype
keras.mixed_precision.set_global_policy("mixed_float16")

# --- arrays of Keras | refused: NumPy
keras.ops.ones((2, 3))

# --- random numbers of Keras | refused: NumPy
keras.random.normal((2, 3))

# --- a distribution over devices | refused: engine
keras.distribution.DataParallel()

# --- sparse matrices
import scipy.sparse

model = regressor()
result = model.predict(scipy.sparse.csr_matrix(x), verbose=0)

# --- a DataFrame
import pandas as pd

model = regressor()
model.compile("sgd", "mse")
result = model.fit(pd.DataFrame(x), pd.Series(targets[:, 0]), shuffle=False, verbose=0).history["loss"]

# --- a progress bar | refused: verbose
keras.utils.Progbar(10)

# --- enable unsafe deserialization | refused: executed
keras.config.enable_unsafe_deserialization()
