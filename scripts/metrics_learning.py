"""What scripts/train_metrics.py and scripts/evaluate_metrics.py share: features, fits, the file of weights.

Everything is repeatable: no random numbers, sums in a fixed order, items in the order of their files.
"""
import hashlib
import json
import pathlib
import re
import struct
import subprocess
import tempfile

import numpy as np

CLAIM_NUMBERS = 64  # kClaimNumbers of src/metrics/claims/claim_pair.hpp
VADER_SETS = ("tweets", "amazon", "movies", "nyt")


def items_of(data: pathlib.Path, name: str) -> list[dict]:
    """The items of one development file."""
    with open(data / f"{name}.dev.jsonl", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def fold_of(item: dict, folds: int) -> int:
    """Items of one group (a product, an article) come into one fold; others by themselves."""
    group = item["id"].split("_")[0]
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % folds


def ranks(values: np.ndarray) -> np.ndarray:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]


def auc(positive, score) -> float:
    wins = ranks(score)[positive].sum() - positive.sum() * (positive.sum() + 1) / 2
    return float(wins / (positive.sum() * (~positive).sum()))


class Features:
    """Runs the program that reads texts as the library does."""

    def __init__(self, program: pathlib.Path, weights: bytes):
        self.program, self.weights = program, weights

    def __call__(self, metric: str, items: list[dict]) -> tuple[np.ndarray, list[np.ndarray]]:
        """The numbers, a row an item, and the hashed features of each; items have "text" and maybe "question"."""
        return self.parse(self.run(metric, items))[:2]

    def sentences(self, metric: str, items: list[dict], collect=np.array) -> tuple:
        """The same, and where each sentence's features end."""
        return self.parse(self.run(metric, items), collect)

    def claim_pairs(self, items: list[dict]) -> list[np.ndarray]:
        """For each item with "history" and "text" a row of numbers for each two claims that may contradict each other."""
        count = CLAIM_NUMBERS
        numbers, *_ = self.parse(self.run("contradiction", items), list)
        return [row.reshape(-1, count) for row in numbers]

    def stems(self, words: list[str]) -> list[int]:
        """The stem's hash of each word; 0 for what is no single word."""
        _, hashed, _ = self.parse(self.run("words", [{"text": word} for word in words]), list)
        return [int(row[0]) if len(row) == 1 else 0 for row in hashed]

    def run(self, metric: str, items: list[dict]) -> bytes:
        keys = ("question", "history", "text")
        lines = "".join(json.dumps({key: item[key] for key in keys if key in item}) + "\n" for item in items)
        with tempfile.NamedTemporaryFile() as file:
            file.write(self.weights)
            file.flush()
            return subprocess.run([str(self.program), metric, file.name], input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout

    @staticmethod
    def parse(out: bytes, collect=np.array) -> tuple:
        """What the program wrote; `collect` makes one thing of all rows of numbers."""
        numbers, hashed, ends, at = [], [], [], 0
        while at < len(out):
            for found, kind, size in ((numbers, "<f8", 8), (hashed, "<u4", 4), (ends, "<u4", 4)):
                count = struct.unpack_from("<I", out, at)[0]
                found.append(np.frombuffer(out, kind, count, at + 4))
                at += 4 + size * count
        return collect(numbers), hashed, ends


class Rows:
    """Hashed features of texts as a sparse matrix; a row is divided by the root of its count, and of its spread."""

    def __init__(self, hashed: list[np.ndarray], bits: int, spread=1):
        counts = np.array([len(row) for row in hashed])
        joined = np.concatenate(hashed).astype(np.uint64)
        self.slots = 1 << bits
        self.columns = (((joined * 2654435761) & 0xFFFFFFFF) >> (32 - bits)).astype(np.int64)
        self.rows = np.repeat(np.arange(len(hashed)), counts)
        self.scale = 1 / np.sqrt(np.maximum(1, counts * spread))
        self.begin = np.concatenate([[0], np.cumsum(counts)])

    def of(self, chosen: np.ndarray) -> "Rows":
        """The chosen rows alone."""
        part = object.__new__(Rows)
        counts = np.diff(self.begin)[chosen]
        part.slots, part.scale = self.slots, self.scale[chosen]
        part.columns = np.concatenate([self.columns[self.begin[i]:self.begin[i + 1]] for i in chosen])
        part.rows = np.repeat(np.arange(len(chosen)), counts)
        part.begin = np.concatenate([[0], np.cumsum(counts)])
        return part

    def times(self, weights: np.ndarray) -> np.ndarray:
        return np.bincount(self.rows, weights=weights[self.columns], minlength=len(self.scale)) * self.scale

    def back(self, errors: np.ndarray) -> np.ndarray:
        return np.bincount(self.columns, weights=(errors * self.scale)[self.rows], minlength=self.slots)

    def telling(self, sides: np.ndarray, weights=None) -> np.ndarray:
        """For each slot how much more often it stands in the texts of one side than in the others, as a logarithm."""
        seen = np.unique(self.rows * self.slots + self.columns)
        text, slot = seen // self.slots, seen % self.slots
        counted = np.ones(len(seen)) if weights is None else weights[text]
        here, there = (1.0 + np.bincount(slot, counted * side[text], self.slots) for side in (sides, ~sides))
        return np.log(here / here.sum()) - np.log(there / there.sum())


class Model:
    """Weights of hashed features (heads x slots), of numbers (numbers x heads), and biases."""

    def __init__(self, table, numbers, bias):
        self.table, self.numbers, self.bias = table, numbers, bias

    def scores(self, rows: Rows, numbers: np.ndarray) -> np.ndarray:
        return np.stack([rows.times(head) for head in self.table], 1) + numbers @ self.numbers + self.bias


def minimise(function, start: np.ndarray, steps: int) -> np.ndarray:
    """L-BFGS with a backtracking line search."""
    value, slope = function(start)
    at, moves = start, []
    for _ in range(steps):
        direction, factors = slope.copy(), []
        for move, change in reversed(moves):
            factors.append((move * direction).sum() / (move * change).sum())
            direction -= factors[-1] * change
        direction *= (moves[-1][0] * moves[-1][1]).sum() / (moves[-1][1] ** 2).sum() if moves else 1 / np.sqrt((slope ** 2).sum())
        for (move, change), factor in zip(moves, reversed(factors)):
            direction += move * (factor - (change * direction).sum() / (move * change).sum())
        length, descent = 1.0, (slope * direction).sum()
        while True:
            there = at - length * direction
            new_value, new_slope = function(there)
            if new_value <= value - 1e-4 * length * descent or length < 1e-6:
                break
            length /= 2
        if ((there - at) * (new_slope - slope)).sum() > 1e-12:
            moves = (moves + [(there - at, new_slope - slope)])[-8:]
        done = abs(value - new_value) < 1e-7 * abs(value)
        at, value, slope = there, new_value, new_slope
        if done:
            break
    return at


def trust(*telling: np.ndarray) -> np.ndarray:
    """For fit(): a slot that tells the sides apart by itself may have a larger weight; 1 in the mean of squares."""
    factors = 0.1 + np.sqrt(sum(one ** 2 for one in telling))
    return coarse(factors / np.sqrt((factors ** 2).mean()))


def fit(rows: Rows, numbers: np.ndarray, wanted: np.ndarray, loss: str, strength: float, weights=None, steps: int = 60, trusted=1.0) -> Model:
    """A linear model for `wanted` (texts x heads), with L2 of that strength on hashed features, each divided by its `trusted`.

    loss: "squares", "logistic" (each head 0 or 1) or "classes" (one head of them is 1).
    """
    texts, heads = wanted.shape
    share = np.ones(texts) / texts if weights is None else weights / weights.sum()
    split = rows.slots * heads, rows.slots * heads + numbers.shape[1] * heads

    def parts(at):
        return at[:split[0]].reshape(heads, rows.slots), at[split[0]:split[1]].reshape(-1, heads), at[split[1]:]

    def function(at):
        table, dense, bias = parts(at)
        scores = Model(table * trusted, dense, bias).scores(rows, numbers)
        if loss == "squares":
            value = 0.5 * (share[:, None] * (scores - wanted) ** 2).sum()
            errors = share[:, None] * (scores - wanted)
        elif loss == "logistic":
            value = (share[:, None] * (np.logaddexp(0, scores) - wanted * scores)).sum()
            errors = share[:, None] * (1 / (1 + np.exp(-scores)) - wanted)
        else:
            top = scores.max(1, keepdims=True)
            powers = np.exp(scores - top)
            total = powers.sum(1, keepdims=True)
            value = (share * ((np.log(total) + top)[:, 0] - (wanted * scores).sum(1))).sum()
            errors = share[:, None] * (powers / total - wanted)
        value += 0.5 * strength * (table ** 2).sum() + 0.5e-4 * (dense ** 2).sum()
        slopes = np.stack([rows.back(errors[:, head]) for head in range(heads)]) * trusted + strength * table
        return value, np.concatenate([slopes.ravel(), (numbers.T @ errors + 1e-4 * dense).ravel(), errors.sum(0)])

    table, dense, bias = parts(minimise(function, np.zeros(split[1] + heads), steps))
    return Model(table * trusted, dense, bias)


def word_hash(word: str) -> int:
    """hash_word() of src/metrics/words/lexicon.hpp."""
    state = 2166136261
    for byte in word.encode():
        state = ((state ^ byte) * 16777619) & 0xFFFFFFFF
    return (state ^ (state >> 15)) or 1


def section(name: str, kind: int, content: bytes) -> bytes:
    return name.encode().ljust(16, b"\0") + struct.pack("<II", kind, len(content)) + content


def coarse(values: np.ndarray) -> np.ndarray:
    """Values of twelve bits: what processors make of the last digits of a sum or a power differently is gone."""
    parts, powers = np.frexp(values)
    return np.ldexp(np.rint(parts * 4096) / 4096, powers)


def linear_section(name: str, table: np.ndarray, numbers: np.ndarray, bias: np.ndarray) -> bytes:
    """A model as int8: a weight beyond the 99.9th of a thousand is cut to it."""
    numbers, bias = coarse(numbers), coarse(bias)
    heads, slots = table.shape
    content = struct.pack("<BBH", slots.bit_length() - 1, heads, len(numbers))
    small = np.zeros((slots, heads), np.int8)
    for head in range(heads):
        used = np.abs(table[head][table[head] != 0])
        scale = float(np.sort(used)[int(len(used) * 0.999)]) / 127 if len(used) else 0.0
        scale = float(coarse(np.array(scale)))
        if scale:
            small[:, head] = np.clip(np.rint(table[head] / scale), -127, 127)
        content += struct.pack("<ff", bias[head], scale) + numbers[:, head].astype("<f4").tobytes()
    return section(name, 1, content + small.tobytes())


def words_section(polarities: dict[int, int]) -> bytes:
    words = sorted(polarities)
    return section("polarity", 2, struct.pack("<I", len(words)) + np.array(words, "<u4").tobytes()
                   + np.array([polarities[word] for word in words], np.int8).tobytes())


def weights_file(sections: list[bytes]) -> bytes:
    return b"SCMW" + struct.pack("<II", 1, len(sections)) + b"".join(sections)


ORDER = ("polarity", "familiarity", "sophistication", "toxicity", "sentiment", "evasiveness", "relations", "contradiction", "vectors", "coverage")


def sections_of(file: bytes) -> list[bytes]:
    found, at = [], 12
    while at < len(file):
        size = 24 + struct.unpack_from("<I", file, at + 20)[0]
        found.append(file[at:at + size])
        at += size
    return found


def name_of(part: bytes) -> str:
    return part[:16].rstrip(b"\0").decode()


def replaced(file: bytes, fresh: list[bytes]) -> bytes:
    """The file with these sections in the place of its own of the same names."""
    parts = {name_of(part): part for part in sections_of(file) + fresh}
    return weights_file(sorted(parts.values(), key=lambda part: ORDER.index(name_of(part))))


def polarities_of(lexicon: pathlib.Path) -> dict[int, int]:
    """The words of vader_lexicon.txt (npm vader-sentiment), -4..4 as -100..100."""
    found = {}
    for line in lexicon.read_text(encoding="utf-8").splitlines():
        word, *rest = line.split("\t")
        if rest and re.fullmatch("[a-z]+", word):
            found[word_hash(word)] = max(-100, min(100, round(float(rest[0]) * 25)))
    return {word: polarity for word, polarity in found.items() if polarity}


# --- the metrics ---

class Data:
    """Items and features of everything that is trained, read once."""

    def __init__(self, data: pathlib.Path, lexicon: pathlib.Path, program: pathlib.Path, lines: pathlib.Path):
        """`lines` is the folder of our own lines: sentiment.tsv and toxicity.tsv."""
        self.polarity = words_section(polarities_of(lexicon))
        self.program = program
        self.vader = {name: items_of(data, f"sentiment.vader-{name}") for name in VADER_SETS}
        self.goemotions = items_of(data, "sentiment.goemotions")
        self.davidson = items_of(data, "toxicity.davidson")
        self.cefr = items_of(data, "sophistication.cefr-wiki")
        self.lines = self.own_lines(lines / "toxicity.tsv")
        self.feelings = self.own_lines(lines / "sentiment.tsv")
        self.familiarity = self.familiar_words()

    @staticmethod
    def own_lines(path: pathlib.Path) -> list[dict]:
        items = []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            label, text = line.split("\t")
            items.append({"id": f"lines/{number}", "label": float(label), "text": text})
        return items

    def features(self, *sections: bytes) -> Features:
        return Features(self.program, weights_file([self.polarity, *sections]))

    def familiar_words(self) -> bytes:
        """How often the stem of a word occurs in texts whose licence lets weights ship: 12 a factor of e."""
        items = [item for name in VADER_SETS for item in self.vader[name]] + self.goemotions
        _, words = self.features()("words", items)
        counts = np.bincount(Rows(words, 17).columns, minlength=1 << 17)
        common = np.minimum(120, np.rint(12 * np.log1p(counts)))
        content = struct.pack("<BBH", 17, 1, 0) + struct.pack("<ff", 0, 1)
        return section("familiarity", 1, content + common.astype(np.int8).tobytes())


class Sentiment:
    """Three classes from GoEmotions; then a value from them, the rules and the same hashed features."""

    CLASSES, VALUE = 5e-5, 5e-4
    WEIGHTS = np.array([1.2, 1.1, 0.9])  # Of a negative, neutral and positive text, by the figures of all three.
    STRETCH, TRUST = 1.25, 0.9
    OWN = 2.0  # Of a line of our own: there are few of them, and they are what is measured.
    LIKELY, CERTAIN, LEAST = 0.65, 0.9, 0.05  # As feeling_left() in src/metrics/scores.cpp.

    def __init__(self, data: Data, bits: int):
        self.items = [dict(item, source=name) for name in VADER_SETS for item in data.vader[name]]
        self.items += [dict(item, source="goemotions") for item in data.goemotions]
        self.items += [dict(item, source="own") for item in data.feelings]
        numbers, hashed = data.features()("sentiment", self.items)
        self.numbers, spread, self.sure = numbers[:, :-2], numbers[:, -2], numbers[:, -1]
        self.rows = Rows(hashed, bits, spread)
        self.label = np.array([item["label"] for item in self.items])
        self.source = np.array([item["source"] for item in self.items])

    def fit(self, chosen: np.ndarray) -> tuple[Model, Model]:
        values = chosen[self.source[chosen] != "goemotions"]
        classes = chosen[np.isin(self.source[chosen], ("goemotions", "own"))]
        wanted = np.stack([(np.sign(self.label[classes]) == label) * 1.0 for label in (-1, 0, 1)], 1)
        rows, feels = self.rows.of(classes), classes[self.label[classes] != 0]
        trusted = trust(rows.telling(self.label[classes] != 0), self.rows.of(feels).telling(self.label[feels] > 0))
        weights = (wanted @ self.WEIGHTS) * self.weights(classes)
        first = fit(rows, self.numbers[classes], wanted, "classes", self.CLASSES, weights, trusted=trusted)
        rows = self.rows.of(values)
        numbers = self.with_classes(self.numbers[values], first.scores(rows, self.numbers[values]))
        trusted = trust(rows.telling(self.label[values] > 0))
        return first, fit(rows, numbers, self.label[values, None], "squares", self.VALUE, self.weights(values), trusted=trusted)

    def weights(self, chosen: np.ndarray) -> np.ndarray:
        return np.where(self.source[chosen] == "own", self.OWN, 1.0)

    @staticmethod
    def with_classes(numbers: np.ndarray, scores: np.ndarray) -> np.ndarray:
        centred = scores - scores.mean(1, keepdims=True)
        return np.concatenate([numbers, 2 / (1 + np.exp(-centred)) - 1], 1)

    def scores(self, models: tuple[Model, Model], chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The classes' scores, and the values, as learned_sentiment() in src/metrics/scores.cpp has them."""
        rows, numbers = self.rows.of(chosen), self.numbers[chosen]
        classes = models[0].scores(rows, numbers)
        learned = np.clip(self.STRETCH * models[1].scores(rows, self.with_classes(numbers, classes))[:, 0], -1, 1)
        neutral = 1 / np.exp(classes - classes[:, 1:2]).sum(1)
        learned *= 1 - (1 - self.LEAST) * np.clip((neutral - self.LIKELY) / (self.CERTAIN - self.LIKELY), 0, 1)
        sure = self.sure[chosen]
        values = learned + self.TRUST * sure * (numbers[:, 0] - learned)
        classes[(sure > 0.5) & ((classes.argmax(1) - 1) * values <= 0)] = (0, 1, 0)
        return classes, values

    def section(self, models: tuple[Model, Model]) -> bytes:
        first, second = models
        numbers = np.zeros((len(second.numbers), 4))
        numbers[:len(first.numbers), :3] = first.numbers
        numbers[:, 3] = second.numbers[:, 0]
        return linear_section("sentiment", np.concatenate([first.table, second.table]), numbers, np.concatenate([first.bias, second.bias]))


class Toxicity:
    """Tweets with labels; texts that are friendly or in print as weak examples of the opposite; our own lines."""

    STRENGTH, NUMBERS = 2e-5, 8
    IDLE = 2.0  # What a curse without a target loses: tweets, of which most of the training is, know hardly any.

    def __init__(self, data: Data, bits: int):
        friendly = [item for item in data.goemotions if item["label"] == 1.0]
        printed = [item for name in ("amazon", "movies", "nyt") for item in data.vader[name]]
        self.items = data.davidson + data.lines + [dict(item, label=0.0) for item in friendly + printed]
        numbers, hashed, ends = data.features().sentences("toxicity", self.items, list)
        self.rows = Rows(hashed, bits)
        # Of each item the whole, then its sentences.
        self.numbers = np.array([row[:self.NUMBERS] for row in numbers])
        self.parts = [row[self.NUMBERS:].reshape(-1, self.NUMBERS) for row in numbers]
        self.part_rows = Rows([part for row, last in zip(hashed, ends) for part in np.split(row, last[:-1])], bits)
        self.part_begin = np.concatenate([[0], np.cumsum([len(part) for part in self.parts])])
        self.label = np.array([item["label"] for item in self.items])
        self.weights = np.array([1.0] * len(data.davidson) + [4.0] * len(data.lines) + [0.1] * (len(friendly) + len(printed)))

    def fit(self, chosen: np.ndarray) -> Model:
        rows, weights = self.rows.of(chosen), self.weights[chosen]
        trusted = np.sqrt(trust(rows.telling(self.label[chosen] > 0.5, weights)))
        model = fit(rows, self.numbers[chosen], self.label[chosen, None], "logistic", self.STRENGTH, weights, trusted=trusted)
        model.numbers[-1] -= self.IDLE
        return model

    def scores(self, model: Model, chosen: np.ndarray) -> np.ndarray:
        """As score_toxicity(): the worst of the whole and its sentences, and the rules' least."""
        whole = model.scores(self.rows.of(chosen), self.numbers[chosen])[:, 0]
        worst = [self.worst(model, item) for item in chosen]
        value = 1 / (1 + np.exp(-np.maximum(whole, worst)))
        insults, threats, _, hate, slurs = self.numbers[chosen, :5].T * 2
        found = np.minimum(3, insults + 2 * (threats + hate) + 3 * slurs)
        return np.maximum(value, np.where(found > 0, 0.4 + 0.15 * found, 0))

    def worst(self, model: Model, item: int) -> float:
        parts = np.arange(self.part_begin[item], self.part_begin[item + 1])
        if not len(parts):
            return -40.0
        return float(model.scores(self.part_rows.of(parts), self.parts[item])[:, 0].max())

    def section(self, model: Model) -> bytes:
        return linear_section("toxicity", model.table, model.numbers, model.bias)


class Sophistication:
    """Ten numbers of readability; levels 1 to 6 as 0 to 1."""

    def __init__(self, data: Data):
        self.items = data.cefr
        self.numbers, _ = data.features(data.familiarity)("sophistication", self.items)
        self.label = (np.array([item["label"] for item in self.items]) - 1) / 5

    def fit(self, chosen: np.ndarray) -> np.ndarray:
        """The numbers' weights, then the bias."""
        columns = np.concatenate([self.numbers[chosen], np.ones((len(chosen), 1))], 1)
        return np.linalg.solve(columns.T @ columns + 1e-6 * np.eye(columns.shape[1]), columns.T @ self.label[chosen])

    def scores(self, model: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        return self.numbers[chosen] @ model[:-1] + model[-1]

    def section(self, model: np.ndarray) -> bytes:
        return linear_section("sophistication", np.zeros((1, 2)), model[:-1, None], model[-1:])
