"""A metric written in Python: how much of a message is taken up again by the next speaker."""
import scena


class Uptake(scena.Analyzer):
    """The share of longer words of the message before that this one repeats."""

    name = "uptake"

    def measure(self, message, history):
        if not history:
            return None
        asked = self.words(history[-1].text)
        taken = asked & self.words(message.text)
        if not asked:
            return None
        return scena.Score("uptake", len(taken) / len(asked), 0.8, evidence=self.places(message, taken))

    @staticmethod
    def words(text):
        return {word.strip(".,;:!?\"'").lower() for word in text.split() if len(word) > 4}

    @staticmethod
    def places(message, words):
        text = message.text.lower()
        found = []
        for word in sorted(words):
            at = text.find(word)
            if at >= 0:
                begin = len(text[:at].encode())
                found.append(scena.Evidence(message.id, begin, begin + len(word.encode()), "taken_up"))
        return found


with scena.Engine(analyzers=[Uptake()], clock="virtual", seed=3) as engine:
    session = engine.create_session("job-interview", played_by={"candidate": "ai"})
    session.run(max_turns=6).result()
    measured = [(message, message.score("uptake")) for message in session.messages()]
    for message, score in measured:
        print(f"{message.speaker:<12} {'' if score is None else round(score.value, 2)!s:>5}  {message.text[:70]}")
    assert sum(score is not None for _, score in measured) >= 5
