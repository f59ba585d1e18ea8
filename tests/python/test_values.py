"""What sessions hand out over Python: values, rows and pages."""
import copy
import datetime
import decimal
import html.parser
import re
import unittest

import scena
from support import engine


class Values(unittest.TestCase):
    def test_values_tell_everything_and_are_equal_by_content(self):
        with engine("One.") as e:
            session = e.create_session("job-interview")
            e.advance(5)
            result = session.send("Hello.", audience=["interviewer"]).result()
            human, reply = session.messages()[-2:]
            self.assertEqual((human.audience, reply.audience), (("interviewer", "candidate"),) * 2)
            self.assertEqual([(one.kind, one.text) for one in human.parts], [("text", "Hello.")])
            self.assertIsNone(session.messages()[0].audience)
            explained = session.explain(result.message)
            self.assertEqual(len({explained, session.explain(result.message)}), 1)
            info = session.info()
            self.assertGreaterEqual((info.updated - info.created).total_seconds(), 5)
            self.assertEqual(copy.deepcopy(info), info)
            self.assertNotEqual(scena.Reasoning("a"), scena.MessagePart("text", "a", "", "", 0))
            self.assertNotEqual(human, "Hello.")

            class Own(scena.Reasoning):
                pass

            self.assertNotEqual(Own("a"), scena.Reasoning("a"))
            self.assertEqual(Own("a"), Own("a"))
            self.assertEqual({human: 1, reply: 2}[session.messages()[-1]], 2)
            self.assertEqual(repr(scena.Participant("a", "Ann")), "Participant(id='a', name='Ann', is_human=False, present=True, subject='')")
            self.assertIsNone(human.score("sent"))
            self.assertEqual(repr(session), f"<scena.Session {session.id}>")

    def test_messages_are_values(self):
        with engine("Fine, thank you.", prices={"*": {"input": "1", "output": "2"}}) as e:
            session = e.create_session("job-interview", labels={"group": "a"})
            session.send("I am very happy to be here!").result()
            human, reply = session.messages()[-2:]
            self.assertEqual((human.from_human, human.text), (True, "I am very happy to be here!"))
            self.assertGreater(human.score("sentiment").value, 0)
            self.assertIsInstance(reply.cost, decimal.Decimal)
            self.assertEqual(reply, session.messages()[-1])
            self.assertEqual(reply.time.tzinfo, datetime.timezone.utc)
            self.assertEqual(session.info().labels, {"group": "a"})
            self.assertEqual(session.info().to_dict()["usage"]["input_tokens"], session.info().usage.input_tokens)

    def test_rows_hold_plain_members(self):
        with engine("Fine.") as e:
            session = e.create_session("job-interview")
            session.send("I am happy.").result()
            row = session.rows()[-2]
            self.assertEqual((row["speaker"], row["text"]), ("candidate", "I am happy."))
            self.assertIn("sentiment", {one["metric"] for one in session.metric_rows()})

    def test_rows_are_the_messages_and_their_scores(self):
        with engine("I would rather not say.", prices={"*": {"input": "1", "output": "2"}}) as e:
            session = e.create_session("job-interview")
            session.send("Why did you leave?").result()
            messages = session.messages()
            self.assertEqual([list(row.values())[:11] for row in session.rows()],
                             [[session.id, one.id, one.turn, one.speaker, one.text, one.time, one.outcome, one.finish_reason,
                               one.usage.input_tokens, one.usage.output_tokens, one.cost] for one in messages])
            self.assertEqual([tuple(row.values()) for row in session.metric_rows()],
                             [(session.id, one.id, one.speaker, score.metric, score.value, score.confidence, score.label)
                              for one in messages for score in one.metrics])
            self.assertTrue([row["label"] for row in session.metric_rows() if row["label"]])
            self.assertNotEqual((messages[-1].finish_reason, messages[-1].usage.output_tokens), (messages[-1].outcome, messages[-1].usage.input_tokens))

    def test_rows_of_sessions_are_flat_and_have_the_same_members_in_the_same_order(self):
        with engine("Fine.") as e:
            labelled = e.create_session("job-interview", labels={"group": "a", "area": "b"})
            labelled.send("I am happy.").result()
            labelled.flag_escape(step="questions").result()
            given = e.create_session("job-interview", variables={"position": "welder"}, labels={"zone": "z"})
            given.start().result()
            newest, oldest = rows = e.session_rows()
            self.assertEqual([name for name in newest if name.startswith("label.")], ["label.area", "label.group", "label.zone"])
            self.assertEqual((newest["id"], oldest["id"]), (given.id, labelled.id))
            self.assertEqual(list(newest), list(oldest))
            self.assertEqual([(row["variable.position"], row["label.group"], row["escape.questions"]) for row in rows],
                             [("welder", None, 0), (None, "a", 1)])
            self.assertEqual(oldest["usage.input_tokens"], labelled.info().usage.input_tokens)
            columns = [one for row in [*rows, *labelled.rows(), *labelled.metric_rows()] for one in row.items()]
        columns += [one for row in scena.Meter().rows(["I am happy.", "No comment."]) for one in row.items()]
        plan = {"presets": ["salary-negotiation"], "max_turns": 1}
        columns += [one for row in scena.run_batch(plan, clock="virtual").to_dicts() for one in row.items()]
        scalar = (str, int, float, bool, type(None), decimal.Decimal, datetime.datetime, datetime.timedelta)
        self.assertEqual([one for one in columns if not isinstance(one[1], scalar)], [])

    def test_rows_have_the_same_members_in_the_same_order(self):
        class Marks(scena.Analyzer):
            name = "marks"

            def measure(self, message, history):
                return [scena.Score("late", 1.0, 1.0), scena.Score("early", 1.0, 1.0)] if message.from_human else None

        with engine("Fine.", "I would rather not say.", analyzers=[Marks()]) as e:
            session, quiet = e.create_session("job-interview"), e.create_session("job-interview")
            quiet.start().result()
            for _ in range(2):
                session.send("Can you tell me more about the team?").result()
            metrics = e.capabilities()["metrics"]
            first, *others = [list(row) for row in session.rows()]
            self.assertEqual(others, [first] * 4)
            self.assertEqual(first[11:], [*metrics, "early", "late"])
            self.assertEqual((metrics[0], metrics[-1]), ("sentiment", "marks"))
            self.assertEqual([list(row) for row in quiet.rows()], [first[:-2]])
            self.assertEqual([row["early"] for row in session.rows()], [None, 1.0, None, 1.0, None])
            self.assertIsNone(session.rows()[0]["evasiveness"])
            scored = {one.metric: one.value for one in session.messages()[2].metrics}
            self.assertEqual({name: session.rows()[2][name] for name in scored}, scored)

    def test_the_next_question_and_what_was_skipped(self):
        with engine("Fine.") as e:
            session = e.create_session("job-interview")
            session.start().result()
            question = session.next_question(command_id="q").result()
            self.assertEqual((question.fallback, question.reason, question.cost), (True, "no_model", 0))
            self.assertEqual(session.next_question(command_id="q").result(), question)
            session.send("Skip this question, please.").result()
            self.assertEqual(sum(session.info().escapes.values()), 1)
            self.assertEqual(session.flag_escape(step="tour", reason="button").result().escapes["tour"], 1)
            with self.assertRaises(scena.NotFoundError):
                session.flag_escape(participant="nobody").result()

    def test_the_page_of_a_session_is_well_formed_and_escaped(self):
        class Reader(html.parser.HTMLParser):
            depth, tags = 0, set()

            def handle_starttag(self, tag, attrs):
                self.tags.add(tag)
                self.depth += tag not in ("br", "circle", "line", "polyline")

            def handle_endtag(self, tag):
                self.depth -= tag not in ("br", "circle", "line", "polyline")

        with engine("<script>alert(1)</script>") as e:
            session = e.create_session("job-interview", title="<b>x</b>")
            session.send("<img src=x>").result()
            page = session._repr_html_()
        reader = Reader()
        reader.feed(page)
        self.assertEqual(reader.depth, 0)
        self.assertIn("svg", reader.tags)
        self.assertFalse({"script", "img", "b"} & reader.tags)
        self.assertIn("&lt;script&gt;", page)

    def test_a_page_shows_each_message_what_it_cost_and_a_chart_of_each_metric(self):
        class Depth(scena.Analyzer):
            name = "depth"

            def measure(self, message, history):
                return -4.0 if message.from_human else 3.0

        with engine("One.\nTwo three four five six.", analyzers=[Depth()], prices={"*": {"output": "100000"}}) as e:
            session = e.create_session("job-interview")
            session.start().result()
            session.update(title="").result()
            untitled = session._repr_html_()
            session.update(title="Talk").result()
            turn = session.send("Hello.")
            turn.result()
            page = session._repr_html_()
            cost = session.info().cost
            turn = session.send("And?")
            next(iter(turn))
            session.cancel()
            self.assertEqual(turn.result().outcome, "cancelled")
            cut = session._repr_html_()
            metrics = {score.metric for one in session.messages() for score in one.metrics}
        self.assertIn("<strong>job-interview</strong>", untitled)
        self.assertNotIn("USD", untitled)
        self.assertIn("<strong>Talk</strong>", page)
        self.assertIn(f" · {cost} USD", page)
        self.assertIn("One.<br>Two", page)
        self.assertNotIn("(cancelled)", page)
        self.assertEqual(cut.count("(cancelled)"), 1)
        self.assertEqual(cut.count("<svg"), len(metrics))
        heights = [float(one) for one in re.findall(r' cy="([-\d.]+)"', cut)]
        self.assertEqual((min(heights), max(heights)), (0, 60))  # also of values that are not from 0 to 1

    def test_names_of_the_host_are_escaped_in_a_page_too(self):
        class Odd:
            name = "<u>odd"

            def measure(self, message, history):
                return 0.5

        with engine("Well.", analyzers=[Odd()]) as e:
            session = e.create_session("job-interview")
            session.join("<i>eva", "Eva").result()
            session.send("Hello.", participant="<i>eva").result()
            page = session._repr_html_()
        self.assertEqual([page.count(one) for one in ("<u>", "<i>")], [0, 0])
        self.assertGreater(page.count("&lt;u&gt;odd"), 3)  # beside a message, above its chart and for who hears it
        self.assertGreater(page.count("&lt;i&gt;eva"), 1)  # before a message, and at its dots

    def test_an_empty_session_has_a_page(self):
        with engine("Hi.") as e:
            session = e.create_session("job-interview")
            session.start().result()
            self.assertIn("<div", session._repr_html_())


    def test_sessions_of_one_id_are_equal(self):
        with engine("Fine.") as e, engine("Fine.") as other:
            session = e.create_session("job-interview", id="first")
            again, another = e.session("first"), e.create_session("job-interview", id="second")
            elsewhere = other.create_session("job-interview", id="first")
            self.assertEqual(session, again)
            self.assertEqual(len({session, again, another}), 2)
            self.assertEqual({session: "found"}[again], "found")
            self.assertNotIn(session, [another, elsewhere, "first", None])


if __name__ == "__main__":
    unittest.main()
