#!/usr/bin/env python3
"""train_vectors.py: puts what words are about into full.weights: a vector for each of the usual stems.

Words whose vectors point the same way stand beside the same words. The text is the definitions of WordNet's files in --wordnet DIR
(Debian has them in the package wordnet-base), each with the words that it defines and those around it, and the
development files of --data whose licence lets weights ship, without their labels. How much more often two stems stand together than by chance
(positive pointwise mutual information, contexts to the power of 0.75: Levy, Goldberg and Dagan 2015) is cut to DIMS dimensions by a randomised singular value decomposition
(Halko, Martinsson and Tropp 2011); a vector is as long as its stem is rare. Replaces the section "vectors" of full.weights in
--output; small.weights has none. Numbers are rounded to eight bits, which hides most of what processors do differently. Needs numpy.
"""
import argparse
import pathlib
import struct

import numpy as np

from metrics_learning import VADER_SETS, Features, coarse, items_of, name_of, replaced, section, sections_of, weights_file
from word_relations import PARTS, WordNet

ROOT = pathlib.Path(__file__).resolve().parent.parent
STEMS, DIMS, SPARE, POWERS = 6000, 32, 20, 4
LONGEST, WINDOW, MOST_RELATED = 25, 20, 12
SOURCES = ("evasiveness.circa", "evasiveness.clarity", "evasiveness.subjectiveqa", "sentiment.goemotions",
           *(f"sentiment.vader-{name}" for name in VADER_SETS))
# How much a pair counts: a word and its definition, a word and its neighbours, two words of one meaning, ...
DEFINED, RELATED, SAME, IN_TEXT, OF_RELATED, IN_TALK = 1.5, 1.0, 2.0, 0.4, 0.3, 0.3
TALK = 5  # how much a word of talk counts for being usual


def definitions(folder: pathlib.Path) -> dict:
    found = {}
    for letter, name in PARTS.items():
        for line in (folder / f"data.{name}").read_text(encoding="latin-1").splitlines():
            if not line.startswith("  "):
                head, _, text = line.partition("|")
                found[letter + head.split()[0]] = text.strip()
    return found


class Texts:
    """Stems of topic words: of what each synset means, is called and stands beside, and of talk."""

    def __init__(self, wordnet: pathlib.Path, data: pathlib.Path, features: Features):
        net, meant = WordNet(wordnet), definitions(wordnet)
        synsets = sorted(meant)
        names = self.stems(features, [" . ".join(net.words[one]).replace("_", " ") for one in synsets])
        self.names = dict(zip(synsets, names))
        self.meant = dict(zip(synsets, self.stems(features, [meant[one] for one in synsets])))
        self.beside = {one: [other for _, other in net.pointers[one] if other in self.names] for one in synsets}
        said = [" ".join([item.get("question") or "", item["text"]]) for name in SOURCES for item in items_of(data, name)]
        self.talk = [row[at:at + WINDOW] for row in self.stems(features, said) for at in range(0, len(row), WINDOW)]

    @staticmethod
    def stems(features: Features, texts: list) -> list:
        return [row.astype(np.int64) for row in features("topics", [{"text": text} for text in texts])[1]]

    def related(self, synset: str) -> np.ndarray:
        found = [self.names[other] for other in self.beside[synset]]
        return np.concatenate(found)[:MOST_RELATED] if found else np.zeros(0, np.int64)


def usual_stems(texts: Texts) -> tuple:
    """The STEMS most usual ones in rising order, and how often each occurs."""
    parts = [*texts.names.values(), *texts.meant.values(), *[row for row in texts.talk for _ in range(TALK)]]
    stems, counts = np.unique(np.concatenate(parts), return_counts=True)
    order = np.lexsort((stems, -counts))[:STEMS]
    kept = np.sort(order)
    return stems[kept], counts[kept]


def together(texts: Texts, stems: np.ndarray) -> np.ndarray:
    """How often two stems stand together, as a matrix."""
    counts = np.zeros((len(stems), len(stems)))

    def known(row: np.ndarray) -> np.ndarray:
        at = np.searchsorted(stems, row)
        at[at == len(stems)] = 0
        return at[stems[at] == row]

    def add(here: np.ndarray, there: np.ndarray, weight: float) -> None:
        np.add.at(counts, (np.repeat(here, len(there)), np.tile(there, len(here))), weight)

    for synset, name in texts.names.items():
        name, text, related = known(name), known(texts.meant[synset])[:LONGEST], known(texts.related(synset))
        for here, there, weight in ((name, text, DEFINED), (name, related, RELATED), (text, related, OF_RELATED)):
            add(here, there, weight)
            add(there, here, weight)
        add(name, name, SAME)
        add(text, text, IN_TEXT)
    for row in texts.talk:
        row = known(row)
        add(row, row, IN_TALK)
    np.fill_diagonal(counts, 0)
    return counts


def vectors_of(counts: np.ndarray) -> np.ndarray:
    """A row of DIMS numbers for each stem, of length 1."""
    contexts = counts.sum(0) ** 0.75
    expected = np.outer(counts.sum(1), contexts / contexts.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        more = np.where(counts > 0, np.maximum(0, np.log(counts / expected)), 0)
    basis = np.random.default_rng(1).standard_normal((len(counts), DIMS + SPARE))
    for _ in range(POWERS):
        basis = np.linalg.qr(more @ (more.T @ basis))[0]
    left, sizes, _ = np.linalg.svd(basis.T @ more, full_matrices=False)
    found = ((basis @ left) * np.sqrt(sizes))[:, :DIMS]
    found *= np.sign(found[np.abs(found).argmax(0), np.arange(DIMS)])  # a direction may come out turned round
    return found / np.maximum(1e-9, np.linalg.norm(found, axis=1, keepdims=True))


def vectors_section(stems: np.ndarray, counts: np.ndarray, vectors: np.ndarray) -> bytes:
    rarity = np.maximum(0.1, np.log(counts.sum() / (counts + 20)) - 3.5)
    scaled = coarse(vectors * rarity[:, None])
    largest = coarse(np.array(np.sort(np.abs(scaled).ravel())[int(scaled.size * 0.999)]))
    small = np.clip(np.rint(scaled / largest * 127), -127, 127).astype(np.int8)
    return section("vectors", 4, struct.pack("<IHH", len(stems), DIMS, 0) + stems.astype("<u4").tobytes() + small.tobytes())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--wordnet", type=pathlib.Path, required=True, help="the folder of data.noun and the others")
    parser.add_argument("--features", type=pathlib.Path, default=ROOT / "build/release/src/metrics/scena_metrics_features")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "src/metrics/weights")
    options = parser.parse_args()
    path = options.output / "full.weights"
    polarity = [part for part in sections_of(path.read_bytes()) if name_of(part) == "polarity"]
    texts = Texts(options.wordnet, options.data, Features(options.features, weights_file(polarity)))
    stems, counts = usual_stems(texts)
    file = replaced(path.read_bytes(), [vectors_section(stems, counts, vectors_of(together(texts, stems)))])
    path.write_bytes(file)
    print(f"full.weights: {len(file)} bytes")


if __name__ == "__main__":
    main()
