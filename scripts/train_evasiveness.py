#!/usr/bin/env python3
"""train_evasiveness.py: puts what was learned of evasive replies into the files of weights, bit for bit.

--data DIR has the development files (*.dev.jsonl); CLARITY, Circa, SubjECTive-QA, the completions of XSTest and
lines of our own are trained on; a source of more items has more weight, but less for each. Replaces the section
"evasiveness" of full.weights and small.weights in --output. With --evaluate nothing is written: it prints how
well each source is told when the model was fitted on four fifths of all items, and when it was fitted on the other sources alone. Needs numpy.
"""
import argparse
import json
import pathlib

import numpy as np

from metrics_learning import Features, Rows, auc, fit, fold_of, items_of, linear_section, name_of, replaced, sections_of, weights_file

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCES = ("clarity", "circa", "subjectiveqa", "xstest", "own")
LINES = ROOT / "tests/metrics-data/evasiveness.jsonl"
STRENGTH, STEPS = 1e-5, 120
FACTORS = {"xstest": 1.3, "clarity": 1.5, "circa": 1.1}
# The share of the rules, where they are sure, and what then is left at least; score_evasiveness() has the same.
RULES, SURE, LEAST = 0.15, 0.75, 0.88
# What a reply beside the point to a question of deeds has at least, and where evasion_numbers() says that it is one.
BESIDE, PAST, IS_BESIDE = 0.4, 22, 43
YES_NO = 5  # whether a yes or a no was asked for
# What is left where the amount, time, place or person that was asked for is there, or what moves whoever was asked,
# and where evasion_numbers() says so.
GIVEN, IS_GIVEN = 0.6, 53
OWN, IS_OWN = 0.8, (52, 54)


def lines_of(path: pathlib.Path, split: str) -> list[dict]:
    """Our own lines of one split; groups are never divided between splits."""
    items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [item for item in items if item["split"] == split]


class Evasiveness:
    """Two heads: more than clear, and a non-reply."""

    def __init__(self, data: pathlib.Path, program: pathlib.Path, weights: bytes, bits: int):
        self.items = [dict(item, source=name) for name in SOURCES[:-1] for item in items_of(data, f"evasiveness.{name}")]
        self.items += [dict(item, source="own") for item in lines_of(LINES, "train")]
        numbers, hashed = Features(program, weights)("evasiveness", self.items)
        # Circa's readers were asked for yes or no: a good answer to "what is your favourite food?" is "other" there.
        kept = [i for i, item in enumerate(self.items) if item["source"] != "circa" or numbers[i, YES_NO] > 0]
        self.items, self.numbers, hashed = [self.items[i] for i in kept], numbers[kept], [hashed[i] for i in kept]
        self.rows = Rows(hashed, bits)
        self.label = np.array([item["label"] for item in self.items])
        self.source = np.array([item["source"] for item in self.items])

    def fit(self, chosen: np.ndarray):
        wanted = np.stack([self.label[chosen] > 0.25, self.label[chosen] > 0.75], 1) * 1.0
        counts = {name: (self.source[chosen] == name).sum() for name in SOURCES}
        weights = np.array([FACTORS.get(name, 1.0) / np.sqrt(counts[name]) for name in self.source[chosen]])
        return fit(self.rows.of(chosen), self.numbers[chosen], wanted, "logistic", STRENGTH, weights, STEPS)

    def scores(self, model, chosen: np.ndarray) -> np.ndarray:
        heads = 1 / (1 + np.exp(-model.scores(self.rows.of(chosen), self.numbers[chosen])))
        rules = self.numbers[chosen, 0]
        both = RULES * rules + (1 - RULES) * heads.mean(1)
        value = np.where(rules < SURE, both, np.maximum(LEAST * rules, both))
        beside = (self.numbers[chosen, PAST] > 0) & (self.numbers[chosen, IS_BESIDE] > 0)
        value = np.where(beside, BESIDE + (1 - BESIDE) * value, value)
        value = np.where(self.numbers[chosen, IS_GIVEN] > 0, GIVEN * value, value)
        return np.where(self.numbers[chosen][:, IS_OWN].max(1) > 0, OWN * value, value)

    def evaluate(self) -> None:
        everything = np.arange(len(self.items))
        folds = np.array([fold_of({"id": item["question"].replace("_", " ")}, 5) for item in self.items])
        held_out = np.zeros(len(self.items))
        for fold in range(5):
            chosen = everything[folds == fold]
            held_out[chosen] = self.scores(self.fit(everything[folds != fold]), chosen)
        print(f"{'mean AUC':<14} {'items':>6} rules  held out  other sources")
        for name in SOURCES:
            chosen = everything[self.source == name]
            foreign = self.scores(self.fit(everything[self.source != name]), chosen)
            label = self.label[chosen]
            print(f"{name:<14} {len(chosen):>6}", *(f"{(auc(label > 0.25, s) + auc(label > 0.75, s)) / 2:.3f} "
                  for s in (self.numbers[chosen, 0], held_out[chosen], foreign)), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--features", type=pathlib.Path, default=ROOT / "build/release/src/metrics/scena_metrics_features")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "src/metrics/weights")
    parser.add_argument("--evaluate", action="store_true")
    options = parser.parse_args()
    for name, bits in (("full", 17), ("small", 14)):
        path = options.output / f"{name}.weights"
        words = [part for part in sections_of(path.read_bytes()) if name_of(part) in ("polarity", "familiarity")]
        metric = Evasiveness(options.data, options.features, weights_file(words), bits)
        if options.evaluate:
            metric.evaluate()
            break
        model = metric.fit(np.arange(len(metric.items)))
        file = replaced(path.read_bytes(), [linear_section("evasiveness", model.table, model.numbers, model.bias)])
        path.write_bytes(file)
        print(f"{name}.weights: {len(file)} bytes")


if __name__ == "__main__":
    main()
