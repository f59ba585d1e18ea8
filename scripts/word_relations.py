"""Which words exclude each other and which mean the same, from WordNet 3.0 as a section of the files of weights.

Three kinds of sets, told apart by their numbers: opposites (the two sides of an antonym with their synonyms), classes
(things of which another one is named: colours, countries, animals, jobs, ...), and words of one meaning: synonyms, or a general
word (member 0) with what it may stand for (member 1), as "doctor" for a surgeon.
"""
import pathlib
import struct
from collections import defaultdict

import numpy as np

import word_knowledge as by_hand

PARTS = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
MOST_SETS = 5  # of one word

# Roots of classes: noun, the most senses of a word that may be meant.
CLASSES = {
    "colour": ("chromatic_color.1 achromatic_color.1", 2),
    "country": ("country.2", 1),
    "city": ("city.1 national_capital.1", 1),
    "american_state": ("american_state.1", 1),
    "continent": ("continent.1", 1),
    "planet": ("planet.1 solar_system.1", 3),
    "nationality": ("european.1 asian.1 african.1 american.1 american.3", 2),
    "language": ("natural_language.1", 2),
    "instrument": ("musical_instrument.1", 1),
    "animal": ("mammal.1 bird.1 fish.1 reptile.1 insect.1 amphibian.3", 1),
    "drink": ("beverage.1", 1),
    "fruit": ("edible_fruit.1 vegetable.1", 2),
    "dish": ("meat.1 dish.2 bread.1 cheese.1 dessert.1 pasta.2", 1),
    "meal": ("meal.1", 1),
    "vehicle": ("vehicle.1", 1),
    "garment": ("garment.1 footwear.1 footwear.2 headdress.1", 1),
    "furniture": ("furniture.1", 1),
    "room": ("room.1 area.5", 2),
    "building": ("building.1 institution.1 mercantile_establishment.1 place_of_business.1", 1),
    "land": ("geological_formation.1 body_of_water.1 land.1", 1),
    "sport": ("sport.1 game.3 athletic_game.1", 1),
    "relative": ("relative.1 spouse.1", 1),
    "job": ("professional.1 worker.1 skilled_worker.1 scientist.1 health_professional.1 educator.1 entertainer.1 artist.1 official.1 lawyer.1", 1),
    "metal": ("metallic_element.1 alloy.1", 1),
    "fabric": ("fabric.1", 1),
    "illness": ("illness.1 disease.1", 1),
    "drug": ("medicine.2 drug.1", 1),
    "science": ("science.1 humanistic_discipline.1 engineering.2", 1),
    "body_part": ("external_body_part.1 internal_organ.1 extremity.5", 1),
    "weather": ("precipitation.3 atmospheric_phenomenon.1", 1),
    "month": ("gregorian_calendar_month.1", 1),
    "day": ("day_of_the_week.1", 1),
    "season": ("season.2", 1),
    "weapon": ("weapon.1", 1),
    "tool": ("hand_tool.1 kitchen_utensil.1 container.1", 1),
    "motion": ("walk.1v run.1v ride.2v", 1),
}
NAMES = ("country", "city", "american_state", "continent", "planet")  # classes of names, not of kinds
# What a whole class is called; else the roots' names are too long or too vague.
HEADS = {"colour": "color colour", "country": "country", "city": "city", "instrument": "instrument", "animal": "animal", "drink": "drink beverage",
         "fruit": "fruit vegetable", "vehicle": "vehicle", "garment": "clothes clothing", "furniture": "furniture", "room": "room",
         "building": "building", "sport": "sport", "relative": "relative relation", "metal": "metal", "fabric": "fabric",
         "illness": "illness disease", "drug": "drug medicine medication", "science": "science", "weapon": "weapon", "tool": "tool"}
GENERAL = 3  # So often a word was counted that may stand for what is below it


class WordNet:
    def __init__(self, folder: pathlib.Path):
        self.words, self.pointers, self.part_of = {}, {}, {}
        self.sense = {}    # (word, synset): 1 is the usual one
        self.synsets = defaultdict(list)  # (word, part): in the order of use
        for letter, name in PARTS.items():
            for line in (folder / f"data.{name}").read_text(encoding="latin-1").splitlines():
                if not line.startswith("  "):
                    self.read_synset(letter, line.split("|")[0].split())
            for line in (folder / f"index.{name}").read_text(encoding="latin-1").splitlines():
                if not line.startswith("  "):
                    self.read_word(letter, line.split())
        self.counts = defaultdict(int)  # of a word, in the texts that WordNet's makers read
        for line in (folder / "cntlist.rev").read_text(encoding="latin-1").splitlines():
            key, _, count = line.split()
            self.counts[key.split("%")[0]] += int(count)
        self.irregular = defaultdict(list)
        for letter, name in PARTS.items():
            for line in (folder / f"{name}.exc").read_text(encoding="latin-1").splitlines():
                form, *bases = line.split()
                self.irregular[form] += [(base, letter) for base in bases]

    def read_synset(self, letter: str, fields: list) -> None:
        synset, count = letter + fields[0], int(fields[3], 16)
        self.part_of[synset] = fields[2]
        self.words[synset] = [fields[4 + 2 * i].split("(")[0].lower() for i in range(count)]
        at = 4 + 2 * count
        self.pointers[synset] = [(fields[at + 1 + 4 * i], fields[at + 3 + 4 * i].replace("s", "a") + fields[at + 2 + 4 * i])
                                 for i in range(int(fields[at]))]

    def read_word(self, letter: str, fields: list) -> None:
        synsets = [letter + offset for offset in fields[len(fields) - int(fields[2]):]]
        self.synsets[fields[0], letter] = synsets
        for number, synset in enumerate(synsets):
            self.sense[fields[0], synset] = number + 1

    def below(self, root: str, kinds: tuple) -> list:
        """The synsets below, without the root."""
        found, rest = {}, [root]
        while rest:
            for kind, there in self.pointers[rest.pop()]:
                if kind in kinds and there not in found:
                    found[there] = None
                    rest.append(there)
        return list(found)

    def usual(self, synset: str, most: int) -> list:
        """Words of the synset that mean it as one of their first senses."""
        return [word for word in self.words[synset] if self.sense.get((word, synset), 99) <= most and word.isalpha() and len(word) > 1]


def opposites(net: WordNet) -> list:
    """Each as two lists of words."""
    found, done = [], set()
    for synset in sorted(net.pointers):
        for kind, other in net.pointers[synset]:
            if kind != "!" or (other, synset) in done or (synset, other) in done:
                continue
            done.add((synset, other))
            sides = []
            for side in (synset, other):
                words = net.usual(side, 4 if side[0] == "a" else 3)
                if side[0] == "a":
                    for like, there in net.pointers[side]:
                        if like == "&":
                            words += net.usual(there, 1)
                sides.append(list(dict.fromkeys(words)))
            if all(sides):
                found.append(sides)
    return found


def classes(net: WordNet) -> list:
    """Each as lists of words that mean the same member."""
    found = []
    for name, (roots, most) in CLASSES.items():
        members = {}
        kinds = ("~", "~i") if name in NAMES else ("~",)
        for root in roots.split():
            word, sense = root.rsplit(".", 1)
            letter = "v" if sense.endswith("v") else "n"
            synsets = net.synsets.get((word, letter), [])
            number = int(sense.rstrip("v"))
            if number <= len(synsets):
                for synset in net.below(synsets[number - 1], kinds):
                    members[synset] = net.usual(synset, most)
        found.append([words for words in members.values() if words])
    return found


def general_words(net: WordNet) -> list:
    """Each as the words of something and those of all in its class that it is the nearest common word for."""
    found = []
    for name, (roots, most) in CLASSES.items():
        kinds, below, heads = ("~", "~i") if name in NAMES else ("~",), {}, []
        for root in roots.split():
            word, sense = root.rsplit(".", 1)
            synsets = net.synsets.get((word, "v" if sense.endswith("v") else "n"), [])
            number = int(sense.rstrip("v"))
            rest = [(synsets[number - 1], None)] if number <= len(synsets) else []
            while rest:
                synset, general = rest.pop(0)
                words = net.usual(synset, most)
                if synset != synsets[number - 1]:
                    (below.setdefault(general, []) if general else heads).extend(words)
                    if any(net.counts[known] >= GENERAL for known in words):
                        general = synset
                rest += [(there, general) for kind, there in net.pointers[synset] if kind in kinds]
        found += [(net.usual(synset, most), words) for synset, words in below.items()]
        if name in HEADS:
            found.append((HEADS[name].split(), heads))
    return found


def synonyms(net: WordNet) -> list:
    found = []
    for synset in sorted(net.words):
        words = [word for word in net.usual(synset, 2 if synset[0] in "nv" else 1) if net.counts[word] > 0]
        if len(words) > 1:
            found.append(words)
    return found


def families(net: WordNet) -> list:
    """A verb and the nouns and adjectives that are made of it: swim, swimmer; and the like."""
    found = []
    for synset in sorted(net.pointers):
        for word in net.usual(synset, 1) if synset[0] in "va" else ():
            if net.counts[word] == 0:
                continue
            family = [word]
            for kind, there in net.pointers[synset]:
                if kind == "+":
                    family += [other for other in net.usual(there, 2) if other[:3] == word[:3] and net.counts[other] > 0]
            family = list(dict.fromkeys(family))
            if len(family) > 1:
                found.append(family)
    return found


def section_of(folder: pathlib.Path, stems_of, least: int) -> bytes:
    """The section "relations"; stems_of(words) gives the stem of each word as the library takes it.

    Of rare words, which WordNet's makers counted fewer than `least` times, nothing is told.
    """
    net = WordNet(folder)
    entries = defaultdict(list)  # word: (set, member)
    sets = 0

    written = set()  # sets of word_knowledge.py, which count whatever else is known of a word

    def add(word: str, which: int, member: int) -> None:
        room = which in written or (net.counts[word] >= least and len(entries[word]) < MOST_SETS)
        if room and all(which != known for known, _ in entries[word]):
            entries[word].append((which, member))

    for sides in by_hand.lists_of(by_hand.OPPOSITES):
        sets += 1
        written.add(sets)
        for member, words in enumerate(sides):
            for word in words:
                add(word, sets, member)
    for sides in opposites(net):
        sets += 1
        for member, words in enumerate(sides):
            for word in words:
                add(word, sets, member)
    first_class = sets + 1
    for members in by_hand.lists_of(by_hand.KINDS):
        sets += 1
        written.add(sets)
        for member, words in enumerate(members):
            for word in words:
                add(word, sets, member)
    for members in classes(net):
        sets += 1
        for member, words in enumerate(members):
            for word in words:
                add(word, sets, member)
    first_synonym = sets + 1
    for sides in by_hand.lists_of(by_hand.GENERAL) + by_hand.lists_of(by_hand.SAME):
        sets += 1
        written.add(sets)
        for member, words in enumerate(sides):
            for word in words:
                add(word, sets, member)
    for general, words in general_words(net):
        sets += 1
        for word in general:
            add(word, sets, 0)
        for word in words:
            add(word, sets, 1)
    for words in synonyms(net) + families(net):
        sets += 1
        for word in words:
            add(word, sets, 0)
    for form, bases in net.irregular.items():
        for base, _ in bases:
            if form.isalpha() and form not in entries and base in entries:
                entries[form] = list(entries[base])
    words = sorted(entries)
    table = set()
    for word, stem in zip(words, stems_of(words)):
        if stem:
            table.update((stem, which, member) for which, member in entries[word])
    kept, counts = [], defaultdict(int)
    for stem, which, member in sorted(table):
        if kept and kept[-1][:2] == (stem, which):
            continue
        counts[stem] += which not in written
        if which in written or counts[stem] <= MOST_SETS:
            kept.append((stem, which, member))
    # A synonym without a second word is none any more.
    users = defaultdict(int)
    for _, which, _ in kept:
        users[which] += 1
    kept = [entry for entry in kept if users[entry[1]] > 1]
    columns = np.array(kept, np.int64)
    content = struct.pack("<IHH", len(kept), first_class, first_synonym)
    content += columns[:, 0].astype("<u4").tobytes() + columns[:, 1].astype("<u2").tobytes() + columns[:, 2].astype("<u2").tobytes()
    return b"relations".ljust(16, b"\0") + struct.pack("<II", 3, len(content)) + content
