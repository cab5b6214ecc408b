"""Keras's layers that glassnet doesn't have: those that predictions don't need, and all others.

`TRAINING_ONLY` do nothing when a model predicts. `REASONS` says of others why they can't be read.
"""

TRAINING_ONLY = frozenset(
    ["AugMix", "CutMix", "MixUp", "RandAugment", "RandomColorDegeneration", "RandomColorJitter",
     "RandomElasticTransform", "RandomErasing", "RandomGaussianBlur", "RandomGrayscale",
     "RandomHue", "RandomInvert", "RandomPerspective", "RandomPosterization", "RandomSaturation",
     "RandomSharpness", "RandomShear", "Solarization"]
)  # fmt: skip

_COLUMNS = (
    "which encodes columns before the network",
    "In Keras, save the layers after it as a model of their own, and encode the data before.",
)
_IMAGES = (
    "which changes images when the model predicts, too",
    "Apply it to the images before, and save the layers after it as a model of their own.",
)
_OPERATION = (
    "an operation of TensorFlow's on tensors",
    "In Keras, use a layer in its place, such as Rescaling, Add, Activation or Reshape.",
)
REASONS = {  # class: (what it is, how to fix it)
    "TextVectorization": (
        "which turns texts into token ids before the network",
        "In Keras, save the layers after it as a model of their own, and import that: it takes "
        "token ids.",
    ),
    "Lambda": (
        "which holds Python code, and no code from a file is ever run",
        "In Keras, replace it by a layer such as Rescaling, Activation or Reshape.",
    ),
    **dict.fromkeys(
        ("CuDNNGRU", "CuDNNLSTM"),
        ("which runs on a GPU only", "In Keras 2, load its weights into a GRU or an LSTM."),
    ),
    **dict.fromkeys(
        ("ClassMethod", "InstanceMethod", "InstanceProperty", "SlicingOpLambda", "TFOpLambda",
         "TensorFlowOpLayer"), _OPERATION,
    ),
    **dict.fromkeys(
        ("FeatureSpace", "HashedCrossing", "Hashing", "IntegerLookup", "StringLookup"), _COLUMNS,
    ),
    **dict.fromkeys(
        ("AutoContrast", "CLAHE", "Equalization", "Pipeline", "RandomCrop",
         "Resizing"), _IMAGES,
    ),
}  # fmt: skip
SPARSEMAX = (
    "Keras 3.15 computes it wrongly: its outputs don't sum to 1.",
    "Use softmax; or train the network with sparsemax here.",
)
CUSTOM = (
    "Build it of Keras's own layers. Or write it as a layer of glassnet's, and set its weights "
    "with set_weights."
)
