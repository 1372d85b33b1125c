"""The encoder in PyTorch: made of a larger one, trained, and stored in 8 bits for NumPy."""

from __future__ import annotations

import json
import math
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AutoModel

from guide.model import TOPICS
from guide.second_reader import (
    ARRAYS_FILE,
    HEADS,
    LEVELS,
    MAX_PIECES,
    NAMES_FILE,
    VOCABULARY_FILE,
    WordPieces,
)
from guide.text import english_words
from training.examples import Example, varied

LAYERS = (0, 2, 5)
"""The layers kept of the six: fewer are faster, and these did as well as all (see the docs)."""

COMMON_WORDS = 30_000
"""So many common English words keep their pieces, whether or not an example holds them."""

MIN_SIGN = 6
"""A sign with fewer messages is not learnt: the level is, and the generic words are said."""

DROPPED = 0.1
SMOOTHED = 0.05
SIGN_WEIGHT, TOPIC_WEIGHT = 0.4, 1.2
LONGEST_STEP = 1.0
NOT_KNOWN = -100


@dataclass(frozen=True)
class Settings:
    """How it is trained."""

    epochs: int = 4
    batch: int = 16
    rate: float = 2e-4
    warm_up: float = 0.1
    seed: int = 1


@dataclass
class Trained:
    """A trained encoder with its names and its vocabulary, ready to be stored."""

    model: Encoder
    names: dict[str, Any]
    pieces: WordPieces


class Encoder(nn.Module):
    """The encoder and its three opinions."""

    def __init__(self, base: Path, kept: Sequence[int], signs: int) -> None:
        super().__init__()
        self.body = AutoModel.from_pretrained(base, hidden_act="gelu_new")
        layers = self.body.encoder.layer
        self.body.encoder.layer = nn.ModuleList([layers[number] for number in LAYERS])
        words = self.body.embeddings.word_embeddings
        self.body.embeddings.word_embeddings = nn.Embedding.from_pretrained(
            words.weight[list(kept)].clone(), freeze=False, padding_idx=0
        )
        width = self.body.config.hidden_size
        # Of the two kinds of text that the encoder can tell apart there is only one here.
        kind = self.body.embeddings.token_type_embeddings.weight
        with torch.no_grad():
            self.body.embeddings.position_embeddings.weight += kind[0]
            kind.zero_()
        kind.requires_grad = False
        self.levels = nn.Linear(width, len(LEVELS))
        self.signs = nn.Linear(width, signs)
        self.topics = nn.Linear(width, len(TOPICS))
        self.drop = nn.Dropout(DROPPED)

    def forward(self, numbers: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the three opinions as log odds."""
        hidden = self.body(input_ids=numbers, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).float()
        meaning = self.drop((hidden * weights).sum(1) / weights.sum(1))
        return self.levels(meaning), self.signs(meaning), self.topics(meaning)


def fit(
    examples: Sequence[Example], base: Path, settings: Settings, stored: Path | None = None
) -> Trained:
    """Train on `examples`, starting from the encoder in `base`, or from one in `stored`."""
    torch.manual_seed(settings.seed)
    chance = random.Random(settings.seed)
    if stored:
        pieces, signs = _stored_names(stored)
        kept = _places(base, pieces.vocabulary)
    else:
        pieces, kept = _pieces(base, [one.text for one in examples])
        counted = Counter(one.sign for one in examples if one.sign)
        signs = ["", *sorted(name for name, times in counted.items() if times >= MIN_SIGN)]
    model = Encoder(base, kept, len(signs))
    if stored:
        _resume(model, stored)
    names = {"layers": len(LAYERS), "levels": LEVELS, "signs": signs, "topics": list(TOPICS)}
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=settings.rate, weight_decay=0.01, fused=True
    )
    steps = settings.epochs * math.ceil(len(examples) / settings.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min(1.0, step / (settings.warm_up * steps)) * max(0.0, 1.0 - step / steps),
    )
    ordinary = [one.text for one in examples if one.topics and len(one.text) < 200]
    began = time.monotonic()
    for epoch in range(settings.epochs):
        model.train()
        losses = []
        shown = [varied(one, ordinary, chance) for one in examples]
        for batch in _batches(shown, settings.batch, chance):
            # Half the time on processors that have the type, as before on those that haven't.
            with torch.autocast("cpu", torch.bfloat16):
                loss = _loss(model, pieces, batch, signs)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), LONGEST_STEP)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        mean = sum(losses) / len(losses)
        print(f"epoch {epoch + 1}: loss {mean:.3f}, {time.monotonic() - began:.0f} s", flush=True)
    return Trained(model.eval(), names, pieces)


def mean_of(runs: Sequence[Trained]) -> Trained:
    """Return the mean of encoders that were trained on from the same one, with different seeds.

    It errs less than each, in the time of one ("model soups", Wortsman et al. 2022).
    """
    first = runs[0]
    states = [run.model.state_dict() for run in runs]
    mean = {name: sum(state[name] for state in states) / len(runs) for name in states[0]}
    first.model.load_state_dict(mean)
    return first


def _stored_names(folder: Path) -> tuple[WordPieces, list[str]]:
    pieces = WordPieces((folder / VOCABULARY_FILE).read_text(encoding="utf-8").splitlines())
    return pieces, json.loads((folder / NAMES_FILE).read_text(encoding="utf-8"))["signs"]


def _places(base: Path, vocabulary: Sequence[str]) -> list[int]:
    pieces = (base / "vocab.txt").read_text(encoding="utf-8").splitlines()
    place = {piece: number for number, piece in enumerate(pieces)}
    return [place[piece] for piece in vocabulary]


def _resume(model: Encoder, folder: Path) -> None:
    """Give the model the weights that `store` wrote into `folder`."""
    with np.load(folder / ARRAYS_FILE, allow_pickle=False) as arrays:
        for name, part in _matrices(model):
            full = arrays[name].astype(np.float32) * arrays[f"{name}.scale"][:, None]
            with torch.no_grad():
                for own, rows in zip(part, np.split(full, len(part)), strict=True):
                    own.copy_(torch.from_numpy(rows))
        for name, vector in _vectors(model):
            with torch.no_grad():
                for own, values in zip(vector, np.split(arrays[name], len(vector)), strict=True):
                    own.copy_(torch.from_numpy(values))


def _batches(
    examples: Sequence[Example], size: int, chance: random.Random
) -> Iterable[list[Example]]:
    """Return batches of messages of like length, in random order."""
    ordered = sorted(examples, key=lambda one: len(one.text) + chance.random() * 40.0)
    batches = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    chance.shuffle(batches)
    return batches


def _loss(model: Encoder, pieces: WordPieces, batch: list[Example], signs: list[str]) -> Tensor:
    levels, told, topics = model(*_numbers(pieces, [one.text for one in batch]))
    owed = torch.tensor([[one.levels.get(name, 0.0) for name in LEVELS] for one in batch])
    weights = torch.tensor([one.weight for one in batch])
    owed = owed * (1.0 - SMOOTHED) + SMOOTHED / len(LEVELS)
    loss = (weights * -(owed * levels.log_softmax(-1)).sum(-1)).sum() / len(batch)
    places = [
        NOT_KNOWN if one.sign is None or one.sign not in signs else signs.index(one.sign)
        for one in batch
    ]
    if any(place != NOT_KNOWN for place in places):
        told_loss = nn.functional.cross_entropy(
            told, torch.tensor(places), ignore_index=NOT_KNOWN, reduction="sum"
        )
        loss = loss + SIGN_WEIGHT * told_loss / len(batch)
    shares = torch.tensor([[(one.topics or {}).get(name, 0.0) for name in TOPICS] for one in batch])
    return loss + TOPIC_WEIGHT * -(shares * topics.log_softmax(-1)).sum() / len(batch)


def _numbers(pieces: WordPieces, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
    cut = [pieces(text) for text in texts]
    longest = max(map(len, cut))
    numbers = torch.tensor([ids + [0] * (longest - len(ids)) for ids in cut])
    return numbers, torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids in cut])


def _pieces(base: Path, texts: Sequence[str]) -> tuple[WordPieces, list[int]]:
    """Return the word pieces to keep, and their places in the larger vocabulary."""
    vocabulary = (base / "vocab.txt").read_text(encoding="utf-8").splitlines()
    whole = WordPieces(vocabulary)
    common = sorted(english_words().items(), key=lambda entry: -entry[1])[:COMMON_WORDS]
    used = {place for text in texts for place in whole(text)}
    used |= {place for word, _ in common for place in whole(word)}
    kept = [
        place
        for place, piece in enumerate(vocabulary)
        if place in used or piece in _SPECIAL or len(piece.removeprefix("##")) == 1
    ]
    return WordPieces([vocabulary[place] for place in kept]), kept


_SPECIAL = frozenset({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"})


def _matrices(model: Encoder) -> Iterator[tuple[str, list[Tensor]]]:
    """Yield each matrix that is stored, by name, as the parts that are joined in it."""
    yield "pieces", [model.body.embeddings.word_embeddings.weight]
    yield "places", [model.body.embeddings.position_embeddings.weight[:MAX_PIECES]]
    for name, parts in _linears(model):
        yield name, [part.weight for part in parts]


def _vectors(model: Encoder) -> Iterator[tuple[str, list[Tensor]]]:
    """Yield each vector that is stored, by name, as the parts that are joined in it."""
    for name, parts in _linears(model):
        yield f"{name}.bias", [part.bias for part in parts]
    norms = [("start", model.body.embeddings.LayerNorm)]
    for number, layer in enumerate(model.body.encoder.layer):
        norms.append((f"{number}.after", layer.attention.output.LayerNorm))
        norms.append((f"{number}.end", layer.output.LayerNorm))
    for name, norm in norms:
        yield f"{name}.gain", [norm.weight]
        yield f"{name}.bias", [norm.bias]


def _linears(model: Encoder) -> Iterator[tuple[str, list[nn.Linear]]]:
    for number, layer in enumerate(model.body.encoder.layer):
        own = layer.attention.self
        yield f"{number}.asked", [own.query, own.key, own.value]
        yield f"{number}.out", [layer.attention.output.dense]
        yield f"{number}.wide", [layer.intermediate.dense]
        yield f"{number}.narrow", [layer.output.dense]
    for name in ("levels", "signs", "topics"):
        yield name, [getattr(model, name)]


def store(trained: Trained, folder: Path) -> None:
    """Write the files that `guide.second_reader.SecondReader` loads."""
    folder.mkdir(parents=True, exist_ok=True)
    assert trained.model.body.config.num_attention_heads == HEADS
    arrays = {}
    for name, parts in _matrices(trained.model):
        full = torch.cat(parts).detach().numpy()
        scale = np.abs(full).max(1, keepdims=True) / 127.0 + 1e-12
        arrays[name] = np.round(full / scale).astype(np.int8)
        arrays[f"{name}.scale"] = scale[:, 0].astype(np.float32)
    for name, parts in _vectors(trained.model):
        arrays[name] = torch.cat(parts).detach().numpy().astype(np.float32)
    np.savez(folder / ARRAYS_FILE, **arrays)
    (folder / NAMES_FILE).write_text(json.dumps(trained.names, indent=1) + "\n", encoding="utf-8")
    vocabulary = "\n".join(trained.pieces.vocabulary) + "\n"
    (folder / VOCABULARY_FILE).write_text(vocabulary, encoding="utf-8")
