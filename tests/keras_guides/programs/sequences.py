# --- an embedding and an LSTM
model = keras.Sequential()
model.add(layers.Embedding(input_dim=20, output_dim=4))
model.add(layers.LSTM(5))
model.add(layers.Dense(3))
model.build((None, None))
fill(model)
result = model.predict(tokens, verbose=0)

# --- a GRU that returns sequences, then a SimpleRNN
model = keras.Sequential([
    keras.Input((None, 4)), layers.GRU(6, return_sequences=True), layers.SimpleRNN(5), layers.Dense(3),
])
fill(model)
result = model.predict(sequences, verbose=0)

# --- an encoder and a decoder
encoder_input = keras.Input(shape=(None,))
encoder_embedded = layers.Embedding(input_dim=20, output_dim=4)(encoder_input)
output, state_h, state_c = layers.LSTM(6, return_state=True, name="encoder")(encoder_embedded)
decoder_input = keras.Input(shape=(None,))
decoder_embedded = layers.Embedding(input_dim=20, output_dim=4)(decoder_input)
decoder_output = layers.LSTM(6, name="decoder")(decoder_embedded, initial_state=[state_h, state_c])
model = keras.Model([encoder_input, decoder_input], layers.Dense(3)(decoder_output))
fill(model)
result = model.predict([tokens, tokens[::-1].copy()], verbose=0)

# --- train an encoder and a decoder
encoder_inputs = keras.Input(shape=(None, 4))
encoder_outputs, state_h, state_c = layers.LSTM(6, return_state=True)(encoder_inputs)
decoder_inputs = keras.Input(shape=(None, 4))
decoder_outputs, _, _ = layers.LSTM(6, return_sequences=True, return_state=True)(
    decoder_inputs, initial_state=[state_h, state_c])
model = keras.Model([encoder_inputs, decoder_inputs], layers.Dense(4, activation="softmax")(decoder_outputs))
fill(model)
model.compile("rmsprop", "categorical_crossentropy")
one_hot = np.eye(4)[np.arange(32 * 6).reshape(32, 6) % 4]
result = model.fit([sequences, sequences], one_hot, batch_size=16, epochs=2, shuffle=False, verbose=0).history["loss"]

# --- return_state of a GRU
inputs = keras.Input((6, 4))
sequence, state = layers.GRU(5, return_sequences=True, return_state=True)(inputs)
model = keras.Model(inputs, [sequence, state])
fill(model)
a, b = model.predict(sequences, verbose=0)
result = a.mean(axis=1), b

# --- stateful recurrence | refused: without the first axis
inputs = keras.Input(batch_shape=(4, 6, 4))
model = keras.Model(inputs, layers.LSTM(5, stateful=True)(inputs))
fill(model)
first, second = model.predict(sequences[:4], verbose=0), model.predict(sequences[4:8], verbose=0)
result = first, second

# --- bidirectional layers
model = keras.Sequential()
model.add(keras.Input(shape=(6, 4)))
model.add(layers.Bidirectional(layers.LSTM(5, return_sequences=True)))
model.add(layers.Bidirectional(layers.LSTM(4)))
model.add(layers.Dense(3))
fill(model)
result = model.predict(sequences, verbose=0)

# --- cells | refused: LSTM
layers.RNN(layers.LSTMCell(5))

# --- mask_zero
inputs = keras.Input(shape=(None,), dtype="int32")
h = layers.Embedding(input_dim=20, output_dim=4, mask_zero=True)(inputs)
model = keras.Model(inputs, layers.LSTM(5)(h))
fill(model)
result = model.predict(tokens, verbose=0)

# --- the Masking layer
masked = sequences.copy()
masked[:, 4:] = 0
model = keras.Sequential([keras.Input((6, 4)), layers.Masking(), layers.GRU(5)])
fill(model)
result = model.predict(masked, verbose=0)

# --- a mask passed by hand
inputs, mask = keras.Input((6, 4)), keras.Input((6,), dtype="bool")
model = keras.Model([inputs, mask], layers.LSTM(5)(inputs, mask=mask))
fill(model)
result = model.predict([sequences, tokens > 0], verbose=0)

# --- compute_mask
mask = layers.Embedding(20, 4, mask_zero=True).compute_mask(tokens)
result = np.asarray(mask).sum()

# --- pad_sequences
raw = [[711, 632, 71], [73, 8, 3215, 55, 927], [83, 91, 1, 645, 1253, 927]]
result = np.asarray(keras.utils.pad_sequences(raw, padding="post"))

# --- a mean over steps that ignores padding
inputs = keras.Input((6,))
h = layers.Embedding(20, 4, mask_zero=True)(inputs)
model = keras.Model(inputs, layers.GlobalAveragePooling1D()(h))
fill(model)
result = model.predict(tokens, verbose=0)

# --- self-attention
inputs = keras.Input((6, 4))
attended = layers.MultiHeadAttention(num_heads=2, key_dim=3)(inputs, inputs)
model = keras.Model(inputs, layers.LayerNormalization(epsilon=1e-6)(inputs + attended))
fill(model)
result = model.predict(sequences, verbose=0).mean(axis=1)

# --- attention scores
query, value = keras.Input((6, 4)), keras.Input((5, 4))
outputs, scores = layers.MultiHeadAttention(2, 3)(query, value, return_attention_scores=True)
model = keras.Model([query, value], [outputs, scores])
fill(model)
a, s = model.predict([sequences, sequences[:, 1:]], verbose=0)
result = a.mean(axis=1), s.mean(axis=(2,)), s.shape

# --- an attention mask
inputs = keras.Input((6, 4))
mask = keras.Input((6, 6), dtype="bool")
model = keras.Model([inputs, mask], layers.MultiHeadAttention(2, 3)(inputs, inputs, attention_mask=mask))
fill(model)
lower = np.broadcast_to(np.tril(np.ones((6, 6), bool)), (32, 6, 6)).copy()
result = model.predict([sequences, lower], verbose=0).mean(axis=2)

# --- a causal mask
inputs = keras.Input((6, 4))
model = keras.Model(inputs, layers.MultiHeadAttention(2, 3)(inputs, inputs, use_causal_mask=True))
fill(model)
result = model.predict(sequences, verbose=0).mean(axis=2)

# --- dot-product attention
query, value = keras.Input((6, 4)), keras.Input((5, 4))
model = keras.Model([query, value], layers.Attention()([query, value]))
result = model.predict([sequences, sequences[:, 1:]], verbose=0).mean(axis=1)

# --- additive attention
query, value = keras.Input((6, 4)), keras.Input((5, 4))
model = keras.Model([query, value], layers.AdditiveAttention(use_scale=False)([query, value]))
result = model.predict([sequences, sequences[:, 1:]], verbose=0).mean(axis=1)

# --- a transformer block
inputs = keras.Input((6, 4))
h = layers.MultiHeadAttention(key_dim=3, num_heads=2, dropout=0.1)(inputs, inputs)
h = layers.LayerNormalization(epsilon=1e-6)(layers.Dropout(0.1)(h))
res = h + inputs
h = layers.Conv1D(filters=6, kernel_size=1, activation="relu")(res)
h = layers.Conv1D(filters=4, kernel_size=1)(layers.Dropout(0.1)(h))
h = layers.LayerNormalization(epsilon=1e-6)(h) + res
h = layers.GlobalAveragePooling1D(data_format="channels_last")(h)
model = keras.Model(inputs, layers.Dense(2, activation="softmax")(h))
fill(model)
result = model.predict(sequences, verbose=0)

# --- convolutions of sequences
model = keras.Sequential([
    keras.Input((6, 4)), layers.Conv1D(5, 3, padding="causal", dilation_rate=2), layers.MaxPooling1D(2),
    layers.Conv1DTranspose(3, 3, strides=2, padding="same"), layers.GlobalMaxPooling1D(),
])
fill(model)
result = model.predict(sequences, verbose=0)

# --- separable and depthwise convolutions in one dimension
model = keras.Sequential([
    keras.Input((6, 4)), layers.SeparableConv1D(5, 3, padding="same"), layers.DepthwiseConv1D(2),
    layers.UpSampling1D(2), layers.Flatten(),
])
fill(model)
result = model.predict(sequences, verbose=0)

# --- a layer for every step
model = keras.Sequential([keras.Input((6, 4)), layers.TimeDistributed(layers.Dense(3)), layers.Flatten()])
fill(model)
result = model.predict(sequences, verbose=0)

# --- a text classifier in training
model = keras.Sequential([
    keras.Input((6,)), layers.Embedding(20, 4, mask_zero=True), layers.Bidirectional(layers.GRU(4)),
    layers.Dense(1, activation="sigmoid"),
])
fill(model)
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
result = model.fit(tokens, binary[:32], batch_size=8, epochs=2, shuffle=False, verbose=0).history

# --- connectionist temporal classification
model = keras.Sequential([keras.Input((6, 4)), layers.Dense(5)])
fill(model)
model.compile("sgd", keras.losses.CTC())
result = model.evaluate(sequences, np.arange(32 * 2).reshape(32, 2) % 4 + 1, verbose=0)

# --- RepeatVector and Permute
model = keras.Sequential([keras.Input((4,)), layers.RepeatVector(3), layers.Permute((2, 1)), layers.LSTM(2)])
fill(model)
result = model.predict(sequences[:, 0], verbose=0)

# --- recurrent dropout is inactive at prediction
model = keras.Sequential([keras.Input((6, 4)), layers.LSTM(5, dropout=0.2, recurrent_dropout=0.2)])
fill(model)
result = model.predict(sequences, verbose=0)

# --- EinsumDense
model = keras.Sequential([keras.Input((6, 4)), layers.EinsumDense("abc,cd->abd", output_shape=(None, 3), bias_axes="d"),
                          layers.GlobalAveragePooling1D()])
fill(model)
result = model.predict(sequences, verbose=0)

# --- a ConvLSTM | refused: ConvLSTM2D
layers.ConvLSTM2D(filters=4, kernel_size=3)
