"""The events that a case expects, in their order."""
from case_text import Wrong, take_quoted, take_separator, take_word


class Rest:
    """What is left of a delta."""

    type = "delta"

    def __init__(self, text):
        self.text = text


class ExpectedEvents:
    """Events that were seen, and how far a case has looked at them."""

    def __init__(self):
        self._seen, self._next, self._in_text = [], 0, False

    def add(self, event):
        self._seen.append(event)

    def expect(self, rest):
        """Looks at a line of a case: the events go on so."""
        more = True
        while more:
            wanted, rest = take_word(rest)
            if wanted == "delta":
                text, rest = take_quoted(rest)
                self._delta(text)
            else:
                word = ""
                if rest and not rest.startswith(","):
                    word, rest = take_word(rest)
                self._event(wanted, word)
            more, rest = take_separator(rest, ",")

    def _may_skip(self, event, wanted):
        if event.type == "turn.finished":
            return False
        return event.type != "delta" or (wanted != "delta" and not self._in_text)

    def _delta(self, text):
        joined = ""
        while len(joined) < len(text):
            while self._next < len(self._seen) and self._may_skip(self._seen[self._next], "delta"):
                self._next += 1
            if self._next == len(self._seen) or self._seen[self._next].type != "delta":
                raise Wrong(f"the deltas end behind {joined!r}")
            joined += self._seen[self._next].text
            self._next += 1
        if not joined.startswith(text):
            raise Wrong(f"the deltas are {joined!r}")
        if joined != text:  # the rest of it is looked at next
            self._next -= 1
            self._seen[self._next] = Rest(joined[len(text):])
        self._in_text = True

    def _event(self, kind, word):
        while self._next < len(self._seen) and self._seen[self._next].type != kind and self._may_skip(self._seen[self._next], kind):
            self._next += 1
        self._in_text = False
        if self._next == len(self._seen):
            raise Wrong(f"no {kind} came")
        event = self._seen[self._next]
        self._next += 1
        if event.type != kind:
            raise Wrong(f"a {event.type} came before any {kind}")
        if word and word not in [event.data.get(name) for name in ("outcome", "participant", "reason", "name")]:
            raise Wrong(f"it came with {event.data}")
