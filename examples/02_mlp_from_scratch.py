"""A network from scratch: NumPy, three ops and one loop. No layers, no model, no optimizer."""

import numpy as np

from glassnet import load
from glassnet.ops.linear import affine
from glassnet.ops.losses import one_hot, softmax_crossentropy
from glassnet.ops.piecewise import relu

data = load("digits")  # 8×8 pixels, 0 to 16
x_train, x_test = (x.reshape(len(x), 64) / 16 for x in (data.x_train, data.x_test))

rng = np.random.default_rng(0)
weights = {
    "hidden": rng.normal(scale=np.sqrt(2 / 64), size=(64, 32)),
    "hidden_bias": np.zeros(32),
    "output": rng.normal(scale=np.sqrt(2 / 32), size=(32, 10)),
    "output_bias": np.zeros(10),
}


def forward(x):
    """The logits, and the pullback from their gradient to those of the weights."""
    z, back_hidden = affine(x, weights["hidden"], weights["hidden_bias"])
    h, back_relu = relu(z)
    logits, back_output = affine(h, weights["output"], weights["output_bias"])

    def pullback(dlogits):
        dh, doutput, doutput_bias = back_output(dlogits)
        _, dhidden, dhidden_bias = back_hidden(back_relu(dh))
        return dict(zip(weights, (dhidden, dhidden_bias, doutput, doutput_bias), strict=True))

    return logits, pullback


for epoch in range(20):
    losses = []
    for rows in np.array_split(rng.permutation(len(x_train)), len(x_train) // 32):
        logits, back_network = forward(x_train[rows])
        loss, back_loss = softmax_crossentropy(logits, one_hot(data.y_train[rows], logits))
        gradients = back_network(back_loss(np.full(len(rows), 1 / len(rows))))
        for name, gradient in gradients.items():
            weights[name] -= 0.2 * gradient
        losses.append(loss.mean())
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}")

logits, _ = forward(x_test)
print(f"test accuracy: {(logits.argmax(axis=1) == data.y_test).mean():.1%}")
