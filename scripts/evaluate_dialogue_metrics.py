#!/usr/bin/env python3
"""evaluate_dialogue_metrics.py: the quality of the metrics of replies, as docs/reference/metrics.md tells it.

Runs `scena measure` over the development files of --data and over tests/metrics-data. Contradiction is fitted to no file;
coverage was trained on its lines with "split": "train", so that its rows of all of them flatter it, and the lists of industry at all of its lines but those
with "split": "test". Evasiveness was trained on the four development files of that name, so that its rows of
them are no held-out figures: `train_evasiveness.py --evaluate` gives those. 95 % intervals are from 400 resamples of the items with a
fixed seed; the baseline of each row is what the simplest thing scores on the same items: the length of the text, a
list of refusals, or a negation in one of the two messages alone.
"""
import argparse
import bisect
import json
import pathlib
import random
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESAMPLES = 400
REFUSALS = ("i can't", "i cannot", "i'm sorry", "i won't", "no comment", "as an ai", "not able to", "unable to", "don't know")
NEGATIONS = re.compile(r"\b(not|no|never|nobody|nothing)\b|n't\b")


def ranks(values: list) -> list:
    ordered = sorted(values)
    return [(bisect.bisect_left(ordered, v) + bisect.bisect_right(ordered, v) + 1) / 2 for v in values]


def auc(labels: list, scores: list) -> float:
    positive = sum(labels)
    if positive in (0, len(labels)):
        return 0.5
    wins = sum(rank for rank, label in zip(ranks(scores), labels) if label) - positive * (positive + 1) / 2
    return wins / (positive * (len(labels) - positive))


def mean_auc(labels: list, scores: list) -> float:
    """The mean of: anything but clear against the rest, and non-replies against the rest."""
    return (auc([label > 0.25 for label in labels], scores) + auc([label > 0.75 for label in labels], scores)) / 2


def rho(labels: list, scores: list) -> float:
    a, b = ranks(labels), ranks(scores)
    mean = (len(a) + 1) / 2
    spread = (sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b)) ** 0.5
    return sum((x - mean) * (y - mean) for x, y in zip(a, b)) / spread if spread else 0.0


def accuracy(labels: list, guesses: list) -> float:
    return sum(label == guess for label, guess in zip(labels, guesses)) / len(labels)


def recall_at_5_percent(labels: list, scores: list) -> float:
    wrong = sorted((s for label, s in zip(labels, scores) if not label), reverse=True)
    limit = wrong[len(wrong) // 20] if wrong else 0
    right = [s for label, s in zip(labels, scores) if label]
    return sum(s > limit for s in right) / max(1, len(right))


def read(path: pathlib.Path) -> list:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def measure(scena: pathlib.Path, items: list) -> list:
    lines = "\n".join(json.dumps({"id": i, **{k: item[k] for k in ("question", "history", "text") if item.get(k)}}) for i, item in enumerate(items))
    result = subprocess.run([scena, "measure"], input=lines + "\n", capture_output=True, text=True, check=True)
    found = {answer["id"]: answer for answer in map(json.loads, result.stdout.splitlines())}
    return [found[i] for i in range(len(items))]


def row(name: str, function, labels: list, scores: list, baseline: list) -> None:
    chance = random.Random(1)
    samples = []
    for _ in range(RESAMPLES):
        chosen = [chance.randrange(len(labels)) for _ in labels]
        samples.append(function([labels[i] for i in chosen], [scores[i] for i in chosen]))
    samples.sort()
    low, high = samples[int(RESAMPLES * 0.025)], samples[int(RESAMPLES * 0.975)]
    print(f"{name:<40} {len(labels):>6} {function(labels, scores):.3f}  {low:.3f}..{high:.3f}  {function(labels, baseline):.3f}", flush=True)


def values(answers: list, name: str) -> list:
    return [answer[name] or 0.0 for answer in answers]


def refuses(item: dict) -> float:
    text = item["text"].lower().replace("\u2019", "'")
    return float(any(phrase in text for phrase in REFUSALS))


def negation_alone(item: dict) -> float:
    own = [bool(NEGATIONS.search(m["text"].lower())) for m in item["history"] if m["role"] == "self"]
    return float(bool(own) and bool(NEGATIONS.search(item["text"].lower())) != any(own))


def evasiveness(scena: pathlib.Path, name: str, items: list) -> None:
    scores = values(measure(scena, items), "evasiveness")
    labels = [item["label"] for item in items]
    function = rho if len(set(labels)) > 3 else mean_auc
    row(f"evasiveness, {name}: {'rho' if function is rho else 'mean AUC'}", function, labels, scores, [refuses(item) for item in items])


def contradiction(scena: pathlib.Path, name: str, items: list) -> None:
    scores = values(measure(scena, items), "contradiction")
    labels = [item["label"] > 0.5 for item in items]
    row(f"contradiction, {name}: AUC", auc, labels, scores, [negation_alone(item) for item in items])
    row(f"contradiction, {name}: recall at 5 %", recall_at_5_percent, labels, scores, [negation_alone(item) for item in items])


def pearson(labels: list, scores: list) -> float:
    a, b = (sum(values) / len(values) for values in (labels, scores))
    spread = (sum((x - a) ** 2 for x in labels) * sum((y - b) ** 2 for y in scores)) ** 0.5
    return sum((x - a) * (y - b) for x, y in zip(labels, scores)) / spread if spread else 0.0


def auc_of(labels: list, scores: list) -> float:
    return auc([label > 0.5 for label in labels], scores)


BLIND = {"evasiveness": mean_auc, "contradiction": auc_of, "toxicity": auc_of, "sentiment": pearson, "coverage": rho, "engagement": rho,
         "sophistication": rho, "industry": accuracy}


def blind(scena: pathlib.Path, items: list) -> None:
    """The sets that were written and labelled before anything was measured with them; the third has three metrics."""
    for number in (1, 2, 3, 4, 5, 6):
        for metric, function in BLIND.items():
            chosen = [item for item in items if item["metric"] == metric and item["set"] == number]
            if not chosen:
                continue
            answers = measure(scena, chosen)
            scores = [answer[metric] for answer in answers] if function is accuracy else values(answers, metric)
            baseline = [""] * len(chosen) if function is accuracy else [float(len(item["text"])) for item in chosen]
            labels = [item["label"] for item in chosen]
            row(f"{metric}, blind {number}: {function.__name__}", function, labels, scores, baseline)
            if metric == "contradiction":
                denied = [negation_alone(item) for item in chosen]
                row(f"{metric}, blind {number}: recall at 5 %", recall_at_5_percent, [label > 0.5 for label in labels], scores, denied)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, help="the folder of the development files; left out: only our own lines")
    parser.add_argument("--scena", type=pathlib.Path, default=ROOT / "build/release/scena")
    options = parser.parse_args()
    print(f"{'metric, items: measure':<40} {'items':>6} value  95 %          baseline")
    if options.data is not None:
        for name in ("clarity", "circa", "xstest", "subjectiveqa"):
            evasiveness(options.scena, name, read(options.data / f"evasiveness.{name}.dev.jsonl"))
        for name in ("mnli", "breaking-nli", "prosecco-prop", "prosecco-loc"):
            contradiction(options.scena, name, read(options.data / f"contradiction.{name}.dev.jsonl"))
    folder = ROOT / "tests/metrics-data"
    for name, function in (("evasiveness", evasiveness), ("contradiction", contradiction)):
        function(options.scena, "our test lines", [item for item in read(folder / f"{name}.jsonl") if item["split"] == "test"])
    contradiction(options.scena, "pairs by class, test", [item for item in read(folder / "claim_pairs.jsonl") if item["split"] == "test"])
    own = read(folder / "dialogue.jsonl")
    for name in ("coverage", "industry", "engagement"):
        own += [dict(item, metric=name, history=[]) for item in read(folder / f"{name}.jsonl")]
    chosen = [item for item in own if item["metric"] == "evasiveness"]
    evasiveness(options.scena, "own dialogue", chosen)
    contradiction(options.scena, "own dialogue", [item for item in own if item["metric"] == "contradiction"])
    for name, function in (("coverage", rho), ("engagement", rho), ("coverage, unseen", rho), ("industry", accuracy), ("industry, unseen", accuracy)):
        metric, _, unseen = name.partition(", ")
        chosen = [item for item in own if item["metric"] == metric and (not unseen or item.get("split") == "test")]
        answers = measure(options.scena, chosen)
        labels = [item["label"] for item in chosen]
        scores = [answer[metric] for answer in answers] if function is accuracy else values(answers, metric)
        baseline = [""] * len(chosen) if function is accuracy else [float(len(item["text"])) for item in chosen]
        row(f"{name}, own lines: {function.__name__}", function, labels, scores, baseline)
    blind(options.scena, read(folder / "blind.jsonl"))


if __name__ == "__main__":
    main()
