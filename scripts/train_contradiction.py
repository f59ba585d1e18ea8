#!/usr/bin/env python3
"""train_contradiction.py: puts what two claims must have to contradict each other into the files of weights, bit for bit.

Replaces the sections "relations" (words that exclude each other or mean the same, from WordNet's files in --wordnet DIR;
Debian has them in the package wordnet-base) and "contradiction" (the weights of the numbers of a pair of claims) of
full.weights and small.weights in --output. Trained on contradiction.jsonl (dialogues) and claim_pairs.jsonl (pairs of
one class each) of tests/metrics-data, lines with "split": "train"; a message is as contradictory as its strongest pair of claims. With --evaluate nothing is written: it prints the
quality on those lines in five folds with whole groups held out, and on the lines with "split": "test". Needs numpy.
"""
import argparse
import pathlib

import numpy as np

from metrics_learning import CLAIM_NUMBERS, Features, auc, fold_of, linear_section, minimise, weights_file
from train_evasiveness import lines_of, sections_of
from word_relations import section_of

ROOT = pathlib.Path(__file__).resolve().parent.parent
STRENGTH = 0.003
CONSISTENT = 1.18  # the weight of an item that contradicts nothing: a false alarm is worse than a miss
ROUNDS = 12  # of choosing each message's strongest pair


FILES = ("contradiction", "claim_pairs")


def own_lines(folder: pathlib.Path, split: str) -> list:
    return [item for name in FILES for item in lines_of(folder / f"{name}.jsonl", split)]


def name_of(section: bytes) -> str:
    return section[:16].rstrip(b"\0").decode()


class Contradiction:
    def __init__(self, program: pathlib.Path, weights: bytes, items: list):
        self.items = items
        self.label = np.array([item["label"] for item in items]) > 0.5
        self.pairs = Features(program, weights).claim_pairs(items)  # a row of numbers for each two claims
        self.count = CLAIM_NUMBERS

    def strongest(self, chosen, weights: np.ndarray) -> tuple:
        """Of each item the numbers of its strongest pair, and that pair's score; zeros without a pair."""
        rows, scores = np.zeros((len(chosen), self.count)), np.full(len(chosen), -1e9)
        for place, item in enumerate(chosen):
            if len(self.pairs[item]):
                found = self.pairs[item] @ weights[:-1] + weights[-1]
                best = int(found.argmax())
                rows[place], scores[place] = self.pairs[item][best], found[best]
        return rows, scores

    def fit(self, chosen: np.ndarray) -> np.ndarray:
        """Weights of the numbers, and behind them the bias; the first pairs are those that the rules choose."""
        weights = np.zeros(self.count + 1)
        weights[0], weights[1], weights[2] = 5, 1, 1
        for _ in range(ROUNDS):
            rows, scores = self.strongest(chosen, weights)
            known = scores > -1e9
            weights = self.logistic(rows[known], self.label[chosen][known])
        return weights

    @staticmethod
    def logistic(rows: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        share = np.where(wanted, 1.0, CONSISTENT)
        share /= share.sum()

        def function(at):
            scores = rows @ at[:-1] + at[-1]
            value = (share * (np.logaddexp(0, scores) - wanted * scores)).sum() + 0.5 * STRENGTH * (at[:-1] ** 2).sum()
            errors = share * (1 / (1 + np.exp(-scores)) - wanted)
            return value, np.concatenate([rows.T @ errors + STRENGTH * at[:-1], [errors.sum()]])

        return minimise(function, np.zeros(rows.shape[1] + 1), 200)

    def scores(self, weights: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        return self.strongest(chosen, weights)[1]


def recall_at_5_percent(label: np.ndarray, score: np.ndarray) -> float:
    wrong = np.sort(score[~label])[::-1]
    return float((score[label] > wrong[len(wrong) // 20]).mean())


def row(name: str, label: np.ndarray, score: np.ndarray) -> None:
    random = np.random.default_rng(1)
    samples = sorted(auc(label[chosen], score[chosen]) for chosen in (random.integers(0, len(label), len(label)) for _ in range(400)))
    print(f"{name:<40} {len(label):>5} AUC {auc(label, score):.3f}  {samples[10]:.3f}..{samples[390]:.3f}  "
          f"recall at 5 % {recall_at_5_percent(label, score):.3f}", flush=True)


def evaluate(program: pathlib.Path, weights: bytes, own: pathlib.Path) -> None:
    metric = Contradiction(program, weights, own_lines(own, "train"))
    everything = np.arange(len(metric.items))
    folds = np.array([fold_of({"id": item["group"].replace("_", " ")}, 5) for item in metric.items])
    held_out = np.zeros(len(metric.items))
    for fold in range(5):
        held_out[folds == fold] = metric.scores(metric.fit(everything[folds != fold]), everything[folds == fold])
    pairs = np.array([item["id"].startswith("claim_pairs") for item in metric.items])
    for name, chosen in (("lines of our own", ~pairs), ("pairs by class", pairs)):
        row(f"{name}, held out", metric.label[chosen], held_out[chosen])
    weights_of_all = metric.fit(everything)
    for name, file in zip(("lines of our own", "pairs by class"), FILES):
        test = Contradiction(program, weights, lines_of(own / f"{file}.jsonl", "test"))
        row(f"{name}, test", test.label, test.scores(weights_of_all, np.arange(len(test.items))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wordnet", type=pathlib.Path, required=True, help="the folder of data.noun and the others")
    parser.add_argument("--lines", type=pathlib.Path, default=ROOT / "tests/metrics-data", help="the folder of our own lines")
    parser.add_argument("--features", type=pathlib.Path, default=ROOT / "build/release/src/metrics/scena_metrics_features")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "src/metrics/weights")
    parser.add_argument("--evaluate", action="store_true")
    options = parser.parse_args()
    stems_of = Features(options.features, weights_file([])).stems
    for name, least in (("full", 0), ("small", 4)):
        relations = section_of(options.wordnet, stems_of, least)
        path = options.output / f"{name}.weights"
        kept = [part for part in sections_of(path.read_bytes()) if name_of(part) not in ("relations", "contradiction")] + [relations]
        if options.evaluate:
            evaluate(options.features, weights_file(kept), options.lines)
            break
        metric = Contradiction(options.features, weights_file(kept), own_lines(options.lines, "train"))
        weights = metric.fit(np.arange(len(metric.items)))
        file = weights_file(kept + [linear_section("contradiction", np.zeros((1, 2)), weights[:-1, None], weights[-1:])])
        path.write_bytes(file)
        print(f"{name}.weights: {len(file)} bytes")


if __name__ == "__main__":
    main()
