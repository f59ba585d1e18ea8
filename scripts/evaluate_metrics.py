#!/usr/bin/env python3
"""evaluate_metrics.py: the quality of the learned metrics, as docs/reference/metrics.md tells it.

Cross-validated in five folds on the development files of --data, whole groups held out (a product, an
article); 95 % intervals from 400 resamples of the items with a fixed seed; the baseline of each row is
what the simplest thing scores on the same items. Options as those of train_metrics.py.
"""
import argparse
import pathlib

import numpy as np

from metrics_learning import Data, Sentiment, Sophistication, Toxicity, auc, fold_of, ranks

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDS, RESAMPLES = 5, 400


def pearson(label, score) -> float:
    return float(np.corrcoef(label, score)[0, 1])


def spearman(label, score) -> float:
    return pearson(ranks(label), ranks(score))


def macro_f1(label, guess) -> float:
    classes = np.unique(label)
    return float(np.mean([2 * ((label == c) & (guess == c)).sum() / ((label == c).sum() + (guess == c).sum()) for c in classes]))


def row(name: str, measure, label, score, baseline) -> None:
    random = np.random.default_rng(1)
    samples = sorted(measure(label[chosen], score[chosen]) for chosen in
                     (random.integers(0, len(label), len(label)) for _ in range(RESAMPLES)))
    low, high = samples[int(RESAMPLES * 0.025)], samples[int(RESAMPLES * 0.975)]
    print(f"{name:<42} {len(label):>6} {measure(label, score):.3f}  {low:.3f}..{high:.3f}  {measure(label, baseline):.3f}", flush=True)


def held_out(metric, scores) -> None:
    """Calls scores(model, items) for each fold, the model fitted on the others."""
    folds = np.array([fold_of(item, FOLDS) for item in metric.items])
    for fold in range(FOLDS):
        scores(metric.fit(np.where(folds != fold)[0]), np.where(folds == fold)[0])


def sentiment(data: Data, bits: int) -> None:
    metric = Sentiment(data, bits)
    values, classes, labels = (np.zeros(len(metric.items)) for _ in range(3))

    def score(models, items):
        found, values[items] = metric.scores(models, items)
        classes[items] = found.argmax(1) - 1
        # As learned_sentiment() in src/metrics/scores.cpp: without a known word, with one, where the rules know better.
        clear = np.where(metric.sure[items] > 0.5, 0.08, np.where(metric.numbers[items, 7] > 0, 0.5, 0.22))
        neutral = np.where(np.abs(values[items]) < clear, 0, np.sign(values[items]))
        feeling = np.where(classes[items] * values[items] < -0.1, 0, classes[items])
        labels[items] = np.where(classes[items] == 0, neutral, feeling)

    held_out(metric, score)
    rules = metric.numbers[:, 0]
    for name in ("tweets", "amazon", "movies", "nyt", "own"):
        chosen = metric.source == name
        row(f"sentiment, {name}: r", pearson, metric.label[chosen], values[chosen], rules[chosen])
    chosen = metric.source == "goemotions"
    signs = np.where(np.abs(rules) < 0.05, 0, np.sign(rules))
    row("sentiment, goemotions: macro-F1 of classes", macro_f1, metric.label[chosen], classes[chosen], signs[chosen])
    row("sentiment, goemotions: macro-F1 of labels", macro_f1, metric.label[chosen], labels[chosen], signs[chosen])


def toxicity(data: Data, bits: int) -> None:
    metric = Toxicity(data, bits)
    scores = np.zeros(len(metric.items))

    def score(model, items):
        scores[items] = metric.scores(model, items)

    held_out(metric, score)
    rules = metric.numbers[:, :5].sum(1)
    for name, prefix in (("tweets", "davidson/"), ("lines of our own", "lines/")):
        chosen = np.array([item["id"].startswith(prefix) for item in metric.items])
        row(f"toxicity, {name}: AUC", auc, metric.label[chosen] > 0.5, scores[chosen], rules[chosen])


def sophistication(data: Data) -> None:
    metric = Sophistication(data)
    scores = np.zeros(len(metric.items))

    def score(model, items):
        scores[items] = metric.scores(model, items)

    held_out(metric, score)
    row("sophistication, wiki: rho", spearman, metric.label, scores, metric.numbers[:, 1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--lexicon", type=pathlib.Path, required=True)
    parser.add_argument("--features", type=pathlib.Path, default=ROOT / "build/release/src/metrics/scena_metrics_features")
    parser.add_argument("--small", action="store_true", help="the figures of small.weights")
    options = parser.parse_args()
    data = Data(options.data, options.lexicon, options.features, ROOT / "src/metrics/training")
    print(f"{'metric, items: measure':<42} {'items':>6} value  95 %          baseline")
    sentiment(data, 14 if options.small else 17)
    toxicity(data, 14 if options.small else 16)
    sophistication(data)


if __name__ == "__main__":
    main()
