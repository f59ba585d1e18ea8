"""What a case puts into its engine."""
import itertools

import scena


class WordFilter(scena.Filter):
    """block WORD, or rewrite WORD OTHER."""

    def __init__(self, how, word, other=""):
        self.blocks, self.word, self.other, self.hold_back = how == "block", word, other, len(word.encode())

    def check_input(self, context, text):
        if self.word not in text:
            return None
        return scena.Block("a word of the case") if self.blocks else text.replace(self.word, self.other)

    check_output = check_input


class FailingProvider(scena.Provider):
    """Fails with these codes, one reply after the other."""

    def __init__(self, codes):
        classes = {one.code.name.lower(): one for one in scena.Error.__subclasses__()}
        self.failures = itertools.cycle([classes[code] for code in codes])

    def reply(self, request):
        raise next(self.failures)("the service says so")


class Marks(scena.Analyzer):
    """Counts a mark."""

    name = "marks"

    def __init__(self, mark):
        self.mark = mark

    def measure(self, message, history):
        return message.text.count(self.mark)
