"""An encoder in PyTorch, trained."""

from __future__ import annotations

import math
import random
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoModel

from guide.model import TOPICS
from guide.second_reader import LEVELS, WordPieces
from guide.text import english_words
from training.examples import Example, varied

COMMON_WORDS = 30_000
"""So many common English words keep their pieces, whether or not an example holds them."""

MIN_SIGN = 6
"""A sign with fewer messages is not learnt: the level is, and the generic words are said."""

DROPPED = 0.1
SMOOTHED = 0.05
SIGN_WEIGHT, TOPIC_WEIGHT = 0.4, 2.0
LONGEST_STEP = 1.0
NOT_KNOWN = -100
_SPECIAL = frozenset({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"})


@dataclass(frozen=True)
class Settings:
    """How it is trained."""

    epochs: int = 4
    batch: int = 16
    rate: float = 1.5e-4
    warm_up: float = 0.1
    seed: int = 1


@dataclass(frozen=True)
class Words:
    """What the encoders know by name, the same for each of them.

    Attributes:
        vocabulary: the word pieces.
        places: where they stand in the larger vocabulary that the encoders come from.
        signs: ids of the danger signs, "" for none.
    """

    vocabulary: Sequence[str]
    places: Sequence[int]
    signs: Sequence[str]

    @cached_property
    def pieces(self) -> WordPieces:
        """What cuts a message; made by each process for itself."""
        return WordPieces(self.vocabulary)

    @property
    def names(self) -> dict[str, Sequence[str]]:
        """What each share of an opinion is called, in their order."""
        return {"levels": LEVELS, "signs": self.signs, "topics": list(TOPICS)}


class Encoder(nn.Module):
    """The encoder and its three opinions."""

    def __init__(self, base: Path, words: Words) -> None:
        super().__init__()
        self.body = AutoModel.from_pretrained(base, hidden_act="gelu_new")
        every = self.body.embeddings.word_embeddings.weight
        self.body.embeddings.word_embeddings = nn.Embedding.from_pretrained(
            every[list(words.places)].clone(), freeze=False, padding_idx=0
        )
        width = self.body.config.hidden_size
        self.levels = nn.Linear(width, len(LEVELS))
        self.signs = nn.Linear(width, len(words.signs))
        self.topics = nn.Linear(width, len(TOPICS))
        self.drop = nn.Dropout(DROPPED)

    def forward(self, numbers: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the three opinions as log odds."""
        hidden = self.body(input_ids=numbers, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).float()
        meaning = self.drop((hidden * weights).sum(1) / weights.sum(1))
        return self.levels(meaning), self.signs(meaning), self.topics(meaning)


def words_of(examples: Sequence[Example], base: Path) -> Words:
    """Return the word pieces and the signs that `examples` hold, and the common English pieces."""
    vocabulary = (base / "vocab.txt").read_text(encoding="utf-8").splitlines()
    whole = WordPieces(vocabulary)
    common = sorted(english_words().items(), key=lambda entry: -entry[1])[:COMMON_WORDS]
    texts = [*(one.text for one in examples), *(word for word, _ in common)]
    used = {place for text in texts for place in whole(text)}
    kept = [
        place
        for place, piece in enumerate(vocabulary)
        if place in used or piece in _SPECIAL or len(piece.removeprefix("##")) == 1
    ]
    counted = Counter(one.sign for one in examples if one.sign)
    signs = sorted(name for name, times in counted.items() if times >= MIN_SIGN)
    return Words([vocabulary[place] for place in kept], kept, ["", *signs])


def fit(examples: Sequence[Example], base: Path, words: Words, settings: Settings) -> Encoder:
    """Train the encoder in the folder `base` on `examples`."""
    torch.manual_seed(settings.seed)
    chance = random.Random(settings.seed)
    model = Encoder(base, words)
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
                loss = _loss(model, words, batch)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), LONGEST_STEP)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        mean = sum(losses) / len(losses)
        spent = time.monotonic() - began
        print(
            f"encoder {settings.seed}, epoch {epoch + 1} of {settings.epochs}:"
            f" loss {mean:.3f}, {spent:.0f} s",
            flush=True,
        )
    return model.eval()


def _batches(
    examples: Sequence[Example], size: int, chance: random.Random
) -> Iterable[list[Example]]:
    """Return batches of messages of like length, in random order."""
    ordered = sorted(examples, key=lambda one: len(one.text) + chance.random() * 40.0)
    batches = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    chance.shuffle(batches)
    return batches


def _loss(model: Encoder, words: Words, batch: list[Example]) -> Tensor:
    levels, told, topics = model(*_numbers(words.pieces, [one.text for one in batch]))
    owed = torch.tensor([[one.levels.get(name, 0.0) for name in LEVELS] for one in batch])
    weights = torch.tensor([one.weight for one in batch])
    owed = owed * (1.0 - SMOOTHED) + SMOOTHED / len(LEVELS)
    loss = (weights * -(owed * levels.log_softmax(-1)).sum(-1)).sum() / len(batch)
    places = [
        NOT_KNOWN if one.sign not in words.signs else words.signs.index(one.sign) for one in batch
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
