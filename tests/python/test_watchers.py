"""Analyzers and filters written in Python."""
import datetime
import unittest

import scena
from support import Later, Raised, engine


class Analyzers(Raised):
    def test_scores_stand_beside_the_built_in_ones(self):
        class Repeats(scena.Analyzer):
            name = "repeats"

            def measure(self, message, history):
                earlier = {word for said in history if said.speaker == message.speaker for word in said.text.split()}
                again = [word for word in message.text.split() if word in earlier]
                at = message.text.encode().find(again[0].encode()) if again else 0
                span = scena.Evidence(message.id, at, at + len(again[0].encode()), "repeated") if again else None
                return scena.Score("repeats", len(again), 0.5, "some" if again else "", (span,) if span else ())

        with engine("Fine.", analyzers=[Repeats()]) as e:
            session = e.create_session("job-interview")
            session.send("über alles").result()
            session.send("Now über more").result()
            score = [one.score("repeats") for one in session.messages() if one.from_human][1]
            self.assertEqual((score.value, score.confidence, score.label), (1.0, 0.5, "some"))
            self.assertEqual((score.evidence[0].begin, score.evidence[0].end), (4, 9))
            session.undo().result()
            session.send("Now über more").result()
            self.assertEqual([one.score("repeats") for one in session.messages() if one.from_human][1].value, 1.0)

    def test_a_coroutine_can_measure_and_what_raises_gives_no_score(self):
        class Later(scena.Analyzer):
            name = "later"

            async def measure(self, message, history):
                return len(history)

        class Broken(scena.Analyzer):
            name = "broken"

            def measure(self, message, history):
                raise ValueError("no")

        with engine("Fine.", analyzers=[Later(), Broken()]) as e:
            session = e.create_session("job-interview")
            self.assertEqual(session.send("Hello").result().outcome, "complete")
            self.assertIsNotNone(session.messages()[-1].score("later"))
            self.assertIsNone(session.messages()[-1].score("broken"))
        self.assertEqual(set(self.raised), {ValueError})


    def test_an_analyzer_sees_the_line_as_it_is_chosen(self):
        seen = []

        class Watching(scena.Analyzer):
            name = "seen"

            def measure(self, message, history):
                self.last = message
                seen.append(("".join(said.text[0] for said in history), message.text[0]))

        own = Watching()
        with engine("A.", "B.", "C.", "D.", "E.", analyzers=[own], live_metrics=False) as e:
            session = e.create_session("job-interview")
            session.send("1").result()
            session.regenerate().result()
            self.assertEqual(seen, [("", "G"), ("G", "1"), ("G1", "A"), ("G1", "B")])
            self.assertEqual((own.last.id, own.last.speaker, own.last.from_human), (session.messages()[-1].id, "interviewer", False))
            self.assertLess(abs(own.last.time - session.messages()[-1].time), datetime.timedelta(seconds=1))
            session.edit(session.messages()[1].id, "2").result()
            self.assertEqual([history for history, _ in seen[4:]], ["G", "G2"])
            e.advance(30)
            del seen[:]
            session.send("3", reply=False).result()
            self.assertEqual(len(seen[0][0]), 3)
            self.assertEqual(own.last.latency, 30)

    def test_one_analyzer_may_give_several_scores_and_whole_numbers(self):
        class Pair(scena.Analyzer):
            name = "pair"

            def measure(self, message, history):
                return (scena.Score(name, value, 0.5) for name, value in (("first", 1), ("second", True)))

        with engine("Fine.", analyzers=[Pair()]) as e:
            session = e.create_session("job-interview")
            session.send("Hello").result()
            found = {one.metric: (one.value, one.confidence) for one in session.messages()[-1].metrics}
            self.assertEqual((found["first"], found["second"]), ((1.0, 0.5), (1.0, 0.5)))

    def test_the_name_of_a_built_in_metric_is_taken(self):
        class Own(scena.Analyzer):
            name = "sentiment"

            def measure(self, message, history):
                return 1.0

        with self.assertRaisesRegex(scena.InvalidArgumentError, 'analyzers: "sentiment" is a built-in metric'):
            scena.Engine(analyzers=[Own()])


class Filters(Raised):
    def talk(self, own, text="Hello", **options):
        with engine("Your reimbursement is on its way.", filter=own, **options) as e:
            session = e.create_session("job-interview")
            turn = session.send(text)
            return "".join(turn), turn.result()

    def test_output_is_rewritten_also_where_a_word_was_cut(self):
        class House(scena.Filter):
            hold_back = len("reimbursement")

            def check_output(self, context, text):
                return text.replace("reimbursement", "refund") if "reimbursement" in text else None

        streamed, result = self.talk(House())
        self.assertEqual((streamed, result.text), ("Your refund is on its way.",) * 2)

    def test_a_filter_is_told_whose_text_it_is_and_when_it_ends(self):
        seen = []

        class Watching(scena.Filter):
            hold_back = 4

            def check_input(self, context, text):
                seen.append((context, text))

            def check_output(self, context, text):
                seen.append((context, text))

        with engine("Fine, thank you.", filter=Watching()) as e:
            session = e.create_session("job-interview")
            session.send("Hello").result()
            (asked, _), *told = seen
            self.assertEqual(asked, scena.FilterContext(session.id, "candidate", True))
            self.assertEqual({(one.session, one.speaker) for one, _ in told}, {(session.id, "interviewer")})
            self.assertEqual([one.is_final for one, _ in told], [False] * (len(told) - 1) + [True])
            self.assertTrue(told[-1][1].endswith("you."))

        class Plain:
            check_input = check_output = Watching.check_output

        del seen[:]
        with engine("Fine, thank you.", filter=Plain()) as e:
            e.create_session("job-interview").send("Hello").result()
            self.assertEqual([text for _, text in seen[1:]], ["Fine", ",", " thank", " you", "."])  # each word but once: nothing is held back

    def test_a_coroutine_of_a_filter_that_raises_blocks_and_says_what(self):
        class Broken(scena.Filter):
            async def check_input(self, context, text):
                raise LookupError("the message's text")

        for options in ({}, {"clock": "real"}):
            with self.assertRaisesRegex(scena.ContentFilteredError, "LookupError") as caught:
                self.talk(Broken(), **options)
            self.assertNotIn("text", str(caught.exception))

    def test_coroutines_decide_and_failures_block(self):
        class Later(scena.Filter):
            async def check_input(self, context, text):
                return scena.Block("not that") if "secret" in text else None

        class Broken(scena.Filter):
            def check_input(self, context, text):
                raise ValueError("no")

        for options in ({}, {"clock": "real"}):
            self.assertEqual(self.talk(Later(), **options)[1].outcome, "complete")
            with self.assertRaises(scena.ContentFilteredError):
                self.talk(Later(), "a secret", **options)
        with self.assertRaises(scena.ContentFilteredError):
            self.talk(Broken())
        self.assertEqual(self.raised, [ValueError])


if __name__ == "__main__":
    unittest.main()
