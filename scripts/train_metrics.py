#!/usr/bin/env python3
"""train_metrics.py: makes the files of weights that the metrics are built with, bit for bit.

--data DIR has the development files (*.dev.jsonl); only those whose licence lets weights ship are
trained on, and sophistication.cefr-wiki for ten numbers of readability. --lexicon FILE is
vader_lexicon.txt of the npm package vader-sentiment. --features PROGRAM is scena_metrics_features of
a build. Replaces the sections polarity, familiarity, sophistication, toxicity and sentiment of full.weights and small.weights
in --output, or writes the files where there are none. Needs numpy.
"""
import argparse
import pathlib

import numpy as np

from metrics_learning import Data, Sentiment, Sophistication, Toxicity, replaced

ROOT = pathlib.Path(__file__).resolve().parent.parent


def whole(metric) -> np.ndarray:
    return np.arange(len(metric.items))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--lexicon", type=pathlib.Path, required=True)
    parser.add_argument("--features", type=pathlib.Path, default=ROOT / "build/release/src/metrics/scena_metrics_features")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "src/metrics/weights")
    options = parser.parse_args()
    data = Data(options.data, options.lexicon, options.features, ROOT / "src/metrics/training")
    sophistication = Sophistication(data)
    level = sophistication.section(sophistication.fit(whole(sophistication)))
    for name, sentiment_bits, toxicity_bits in (("full", 17, 16), ("small", 14, 14)):
        sentiment, toxicity = Sentiment(data, sentiment_bits), Toxicity(data, toxicity_bits)
        sections = [data.polarity, data.familiarity, level, toxicity.section(toxicity.fit(whole(toxicity))),
                    sentiment.section(sentiment.fit(whole(sentiment)))]
        path = options.output / f"{name}.weights"
        file = replaced(path.read_bytes() if path.exists() else b"", sections)
        path.write_bytes(file)
        print(f"{name}.weights: {len(file)} bytes")


if __name__ == "__main__":
    main()
