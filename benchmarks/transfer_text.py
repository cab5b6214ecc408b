"""The texts of transfer.py: mails as ids of word pieces, and MiniLM, 6 blocks of BERT.

Sources: Devlin et al. 2019, "BERT"; Wang et al. 2020, "MiniLM"; Reimers and Gurevych 2019,
"Sentence-BERT" (the mean over the tokens).
"""

import email
import html
import json
import re
import unicodedata
from pathlib import Path
from string import punctuation

import numpy as np
from safetensors.numpy import load_file, save_file

import glassnet
from glassnet import layers

TOKENS = 64  # of the subject and the beginning of the body
WIDTH, BLOCKS, HEADS, PIECES = 384, 6, 12, 30522
FIRST_BLOCKS = ("word", "position", "norm", "attention[0-3]*", "dense[0-3]*")  # 4 of the 6


def encoder(file: Path, classes: int = 2) -> glassnet.Model:
    """Return MiniLM with its weights, the mean over the tokens, and a new head."""
    weights = load_file(file)
    position = "embeddings.position_embeddings.weight"
    sentence = weights.pop("embeddings.token_type_embeddings.weight")[0]  # the same for each token
    weights[position] = weights[position][:TOKENS] + sentence
    save_file(weights, short := file.with_name("short.safetensors"))
    names = {
        "word": "embeddings.word_embeddings", "position": "embeddings.position_embeddings",
        "norm": "embeddings.LayerNorm",
    }  # fmt: skip
    network = [
        layers.Embedding(PIECES, WIDTH, mask_zero=True, name="word"),
        layers.PositionEmbedding(TOKENS, name="position"),
        layers.LayerNormalization(epsilon=1e-12, name="norm"),
    ]
    for i in range(BLOCKS):
        a, b, block = f"attention{i}", f"dense{i}", f"encoder.layer.{i}"
        heads = layers.MultiHeadAttention(HEADS, WIDTH // HEADS, name="heads")
        wide, narrow = layers.Dense(4 * WIDTH, "gelu", name="in"), layers.Dense(WIDTH, name="out")
        network += [
            layers.Residual((heads,), name=a),
            layers.LayerNormalization(epsilon=1e-12, name=f"{a}_norm"),
            layers.Residual((wide, narrow), name=b),
            layers.LayerNormalization(epsilon=1e-12, name=f"{b}_norm"),
        ]
        names |= {
            f"{a}/body/heads": f"{block}.attention.self",
            f"{a}/body/heads/attention_output/kernel": f"{block}.attention.output.dense.weight",
            f"{a}/body/heads/attention_output/bias": f"{block}.attention.output.dense.bias",
            f"{a}_norm": f"{block}.attention.output.LayerNorm",
            f"{b}/body/in": f"{block}.intermediate.dense",
            f"{b}/body/out": f"{block}.output.dense",
            f"{b}_norm": f"{block}.output.LayerNorm",
        }
    network += [layers.GlobalAveragePooling1D(), layers.Dense(classes, "softmax", name="head")]
    model = glassnet.Model(network, (TOKENS,))
    skip = ["embeddings.position_ids", "pooler"]
    model.load_weights(short, names | {"head": None}, skip=skip, as_built=True)
    return model


def bag_of_pieces(seed: int) -> glassnet.Model:
    """Return an untrained network of the mean of a learned vector for each word piece."""
    network = [
        layers.Embedding(PIECES, 64, mask_zero=True),
        layers.GlobalAveragePooling1D(),
        layers.Dense(2, "softmax"),
    ]
    return glassnet.Model(network, (TOKENS,), seed=seed)


def mails(corpus: Path, vocabulary: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the different mails of SpamAssassin as ids (N, TOKENS), and whether each is spam."""
    ids = {piece: i for i, piece in enumerate(vocabulary.read_text("utf-8").splitlines())}
    files = sorted(corpus.glob("*/*.json"))
    rows = [tokens(text_of(json.loads(f.read_text("utf-8"))["text"]), ids) for f in files]
    x, first = np.unique(np.array(rows, "int32"), axis=0, return_index=True)
    return x, np.array([files[i].parent.name.startswith("spam") for i in first], int)


def text_of(mail: str) -> str:
    """Return the subject and the text of a mail, without headers and tags."""
    message = email.message_from_string(mail)
    parts = [str(message["subject"] or "")]
    for part in message.walk():
        if part.get_content_maintype() == "text":
            body = part.get_payload(decode=True)
            parts.append(body.decode("latin-1") if isinstance(body, bytes) else "")
    text = re.sub(r"(?is)<(style|script|title).*?</\1>|<!--.*?-->|<[^>]*>", " ", "\n".join(parts))
    return html.unescape(text)


def tokens(text: str, ids: dict[str, int]) -> list[int]:
    """Return the ids of a text's first word pieces, between [CLS] and [SEP], padded with 0.

    Words are in lower case, without accents and control characters. Each is split into the longest
    pieces of the vocabulary, from left to right; a punctuation mark is a word of its own.
    """
    kinds = ((c, unicodedata.category(c)) for c in unicodedata.normalize("NFD", text.lower()))
    kept = ((c, kind) for c, kind in kinds if c.isspace() or kind not in ("Mn", "Cc", "Cf"))
    marked = (f" {c} " if kind[0] == "P" or c in punctuation else c for c, kind in kept)
    pieces: list[str] = []
    for word in "".join(marked).split():
        found, start = [], 0
        while start < len(word):
            starts = ("##" if start else "") + word[start:]
            ends = range(len(starts), 2 if start else 0, -1)
            piece = next((starts[:end] for end in ends if starts[:end] in ids), None)
            if piece is None:
                found = ["[UNK]"]
                break
            found.append(piece)
            start += len(piece) - (2 if start else 0)
        pieces += found
        if len(pieces) >= TOKENS - 2:
            break
    row = [ids[p] for p in ("[CLS]", *pieces[: TOKENS - 2], "[SEP]")]
    return row + [0] * (TOKENS - len(row))
