#!/usr/bin/env python3
"""train_coverage.py: puts what was learned of coverage into the files of weights, bit for bit.

Replaces the section "coverage" of full.weights and small.weights in --output: a ridge regression of the numbers that
coverage_numbers() of src/metrics/coverage_score.cpp names, fitted to lines of our own, those of tests/metrics-data/coverage.jsonl with
"split": "train". Most questions and long texts among them cover what was planned, so each of those stands beside a question of another
field as well, which it does not cover. What can only speak for a text (what it shares with the question, the kind of answer that was asked for) gets no
weight below 0, and what speaks against it none above: those that would are left out. Needs the sections of the other trainings in the files. With --evaluate nothing is written: it prints the rank correlation in five folds of whole
questions, and on the lines with "split": "test". Needs numpy.
"""
import argparse
import pathlib
import subprocess

import numpy as np

from metrics_learning import Features, fold_of, linear_section, name_of, ranks, replaced, sections_of, weights_file
from train_evasiveness import lines_of

ROOT = pathlib.Path(__file__).resolve().parent.parent
STRENGTH = 0.01
# The weight of a text beside a question of another field, how many words it has unless it asks, and how many lines lie between them.
STRANGERS, LONG, APART = 0.7, 15, 157
# Of coverage_numbers(), by their names.
SPEAKS_FOR = ("rules", "stems", "letters", "themes", "whole", "about", "question.rules", "question.whole", "question.themes", "question.about",
              "question.same_kind", "question.own_share", "answer.directness", "answer.given", "answer.given_directness", "answer.whole",
              "answer.themes", "answer.own", "answer.own_share")
SPEAKS_AGAINST = ("question.other_kind", "answer.foreign", "answer.foreign_given", "answer.evasion")
# The share of the rules, which are all of an answer of up to three words; score_coverage() has these two as well.
RULES = 0.25
STRETCH = 1.4  # from the middle: what was learned of many readers lies nearer to it than each of them
BRIEF_ANSWER = "answer.brief"  # the text answers with up to three words


def rho(label: np.ndarray, score: np.ndarray) -> float:
    return float(np.corrcoef(ranks(label), ranks(score))[0, 1])


def strangers(items: list) -> list:
    """Questions and long texts of the lines beside planned questions that have nothing to do with them."""
    found = []
    for place, item in enumerate(items):
        text = item["text"]
        if item["label"] < 0.75 or not (text.rstrip().endswith("?") or len(text.split()) >= LONG):
            continue
        others = (items[(place + APART + step) % len(items)] for step in range(len(items)))
        other = next(one for one in others if one["question"] != item["question"] and one.get("field") != item.get("field"))
        found.append(dict(item, question=other["question"], label=0.0, weight=STRANGERS))
    return found


def names_of_numbers(program: pathlib.Path) -> list:
    return subprocess.run([str(program), "coverage_names"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()


class Coverage:
    def __init__(self, program: pathlib.Path, weights: bytes, items: list):
        names = names_of_numbers(program)
        self.speaks_for, self.speaks_against = ([names.index(name) for name in called] for called in (SPEAKS_FOR, SPEAKS_AGAINST))
        self.brief_answer = names.index(BRIEF_ANSWER)
        self.items = items
        self.label = np.array([item["label"] for item in items])
        self.weight = np.array([item.get("weight", 1.0) for item in items])
        self.numbers, _ = Features(program, weights)("coverage", items)

    def fit(self, chosen: np.ndarray) -> np.ndarray:
        """The numbers' weights, then the bias, which is free."""
        rows = np.concatenate([self.numbers[chosen], np.ones((len(chosen), 1))], 1)
        weighted = rows * self.weight[chosen, None]
        squares, wanted = weighted.T @ rows, weighted.T @ self.label[chosen]
        squares += np.diag([STRENGTH * len(chosen)] * self.numbers.shape[1] + [1e-9])
        left = np.arange(len(squares))
        while True:
            model = np.zeros(len(squares))
            model[left] = np.linalg.solve(squares[np.ix_(left, left)], wanted[left])
            wrong = [at for at in self.speaks_for if model[at] < 0] + [at for at in self.speaks_against if model[at] > 0]
            if not wrong:
                return model
            left = np.setdiff1d(left, wrong)

    def scores(self, model: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        numbers = self.numbers[chosen]
        learned = np.clip(0.5 + STRETCH * (numbers @ model[:-1] + model[-1] - 0.5), 0, 1)
        return np.where(numbers[:, self.brief_answer] > 0, numbers[:, 0], RULES * numbers[:, 0] + (1 - RULES) * learned)


def evaluate(program: pathlib.Path, weights: bytes, path: pathlib.Path) -> None:
    lines = lines_of(path, "train")
    train, test = Coverage(program, weights, lines + strangers(lines)), Coverage(program, weights, lines_of(path, "test"))
    everything = np.arange(len(train.items))
    folds = np.array([fold_of({"id": item["question"].replace("_", " ")}, 5) for item in train.items])
    held_out = np.zeros(len(train.items))
    for fold in range(5):
        held_out[folds == fold] = train.scores(train.fit(everything[folds != fold]), everything[folds == fold])
    of_test = test.scores(train.fit(everything), np.arange(len(test.items)))
    print(f"{'rho':<10} {'items':>6} rules  learned")
    for name, metric, scores in (("five folds", train, held_out), ("test", test, of_test)):
        own = metric.weight == 1
        print(f"{name:<10} {own.sum():>6} {rho(metric.label[own], metric.numbers[own, 0]):.3f}  {rho(metric.label[own], scores[own]):.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=pathlib.Path, default=ROOT / "tests/metrics-data/coverage.jsonl")
    parser.add_argument("--features", type=pathlib.Path, default=ROOT / "build/release/src/metrics/scena_metrics_features")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "src/metrics/weights")
    parser.add_argument("--evaluate", action="store_true")
    options = parser.parse_args()
    for name in ("full", "small"):
        path = options.output / f"{name}.weights"
        kept = [part for part in sections_of(path.read_bytes()) if name_of(part) != "coverage"]
        if options.evaluate:
            evaluate(options.features, weights_file(kept), options.lines)
            break
        lines = lines_of(options.lines, "train")
        metric = Coverage(options.features, weights_file(kept), lines + strangers(lines))
        model = metric.fit(np.arange(len(metric.items)))
        file = replaced(path.read_bytes(), [linear_section("coverage", np.zeros((1, 2)), model[:-1, None], model[-1:])])
        path.write_bytes(file)
        print(f"{name}.weights: {len(file)} bytes")


if __name__ == "__main__":
    main()
