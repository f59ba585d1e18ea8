"""The HTML report in a real browser: nothing loaded, nothing logged, readable on a phone, by everybody."""

import json
import pathlib
import re
import shutil
import sys
import tempfile
import unittest

import command
from command import CommandTest, VIRTUAL

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from browser import Browser, is_there  # noqa: E402

SKIPPED = 77

# Contrast as WCAG defines it, of every text against the nearest opaque background behind it.
CHECK = r"""
const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return {r: m[0], g: m[1], b: m[2], a: m.length > 3 ? m[3] : 1}; };
const light = v => { v /= 255; return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); };
const luminance = c => 0.2126 * light(c.r) + 0.7152 * light(c.g) + 0.0722 * light(c.b);
const contrast = (a, b) => { const x = luminance(a), y = luminance(b); return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); };
const background = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.a === 1) return c; }
  return {r: 255, g: 255, b: 255, a: 1}; };
const weak = []; let texts = 0;
document.querySelectorAll('details').forEach(d => d.open = true);
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode, e = node.parentElement;
  if (!node.data.trim() || e.closest('svg')) continue;
  ++texts;
  const ratio = contrast(parse(getComputedStyle(e).color), background(e));
  if (ratio < 4.5) weak.push([node.data.trim().slice(0, 40), ratio]);
}
const names = [...document.querySelectorAll('svg')].map(s => (s.getAttribute('aria-labelledby') || '').split(' ')
  .map(id => (document.getElementById(id) || {}).textContent || '').join(' ').trim());
const levels = [...document.querySelectorAll('h1,h2,h3,h4')].map(h => Number(h.tagName[1]));
return {weak, texts, names, levels, lang: document.documentElement.lang, width: document.documentElement.scrollWidth,
  inner: innerWidth, main: document.querySelectorAll('main').length, header: document.querySelectorAll('body > header').length,
  scripts: document.querySelectorAll('script').length, marks: document.querySelectorAll('mark[title]').length,
  ids: [...document.querySelectorAll('[id]')].length - new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size,
  injected: document.querySelectorAll('img, b[onclick], iframe').length, dark: matchMedia('(prefers-color-scheme: dark)').matches,
  resources: performance.getEntriesByType('resource').map(r => r.name), text: document.body.innerText};
"""


WHY = "return [...document.querySelectorAll('.why q')].map(q => q.textContent)"
# Every point of the charts, as somebody sees it who has gone there by the keyboard.
POINTS = r"""
return [...document.querySelectorAll('.plot')].map(plot => [...plot.querySelectorAll('a.point')].map(point => {
  const tip = point.querySelector('span'), before = tip.getBoundingClientRect().width;
  point.focus();
  const box = tip.getBoundingClientRect(), target = document.getElementById(point.hash.slice(1));
  return {hidden: before <= 1, text: tip.innerText, left: box.left, right: box.right, wide: box.width,
    place: point.offsetLeft + point.offsetWidth / 2, of: point.parentElement.clientWidth,
    message: target ? target.querySelector('.said').textContent : null, quotes: [...tip.querySelectorAll('q')].map(q => q.textContent)};
}));
"""
# The analysis' list under a heading: what each item says, and its quotes with the message that they lead to.
FINDINGS = r"""
const said = id => { const e = document.getElementById(id); return e ? e.querySelector('.said').textContent : null; };
const heading = [...document.querySelectorAll('h3')].find(h => h.textContent === '%s');
return !heading ? null : [...heading.nextElementSibling.children].map(item => ({
  badge: (item.querySelector('.badge') || {}).textContent || '',
  quotes: [...item.querySelectorAll('.quote')].map(q => [q.querySelector('q').textContent, said(q.querySelector('a').hash.slice(1))])}));
"""
PRINTED = r"""
const visible = e => getComputedStyle(e).display !== 'none';
const tables = [...document.querySelectorAll('details:not(.why), .why summary')];
return {controls: tables.filter(visible).length,
  dark: [...document.querySelectorAll('body, .panel, .card, .hero')].filter(e => /rgb\((\d|\d\d), /.test(getComputedStyle(e).backgroundColor)).length};
"""


class Reader(Browser):
    """Opens a report and looks it over."""

    def open(self, path, width=1200, scheme="light"):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 600)
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.log("browser")
        self.log("performance")
        self.go(path.as_uri())
        return self.run(CHECK)


class Report(CommandTest):
    @classmethod
    def setUpClass(cls):
        cls.home = pathlib.Path(tempfile.mkdtemp(prefix="scena-report-"))
        cls.report = cls.home / "report.html"
        done = command.scena("run", "job-interview", "--auto", *VIRTUAL, "--json", "--report", cls.report)
        assert done.returncode == 0, done.stderr
        events = [json.loads(line) for line in done.stdout.splitlines()]
        cls.all_scores = [score for event in events if event["type"] == "metrics.stored" for score in event["data"]["scores"]]
        cls.metrics = {score["metric"] for score in cls.all_scores}
        cls.scores = len(cls.all_scores)
        cls.hostile = cls.home / "hostile.html"
        lines = cls.home / "lines.txt"
        lines.write_text("</script><script>document.title='owned';console.log(1)</script><img src=x onerror=alert(1)>\n"
                         "\" onmouseover=\"alert(1) 'x' & <b onclick=alert(1)>bold</b> http://example.invalid/x.png\n" + "unbroken" * 60 + "\n")
        name = "candidate_name=<img src=http://example.invalid/y.png>"
        done = command.scena("run", "job-interview", "--input", lines, "--var", name, *VIRTUAL, "--report", cls.hostile)
        assert done.returncode == 0, done.stderr
        cls.contradictory = cls.home / "contradictory.html"
        lines.write_text("I was at home all evening.\nI was not at home that evening, I was in the pub.\n")
        done = command.scena("run", "police-interrogation", "--input", lines, *VIRTUAL, "--report", cls.contradictory)
        assert done.returncode == 0, done.stderr
        cls.comparison = cls.home / "comparison.html"
        plan = cls.home / "plan.json"
        plan.write_text(json.dumps({
            "name": "<script>document.title='owned'</script><img src=http://example.invalid/z.png> " + "unbroken" * 40,
            "presets": ["job-interview", "angry-customer"], "seeds": {"count": 6}, "max_turns": 6,
            "models": [{"name": "one"}, {"name": "another-one-with-a-rather-long-n"}, {"name": "bad", "provider": "fault:401x99"}],
            "outcomes": [{"name": "warm", "metric": "sentiment", "above": 0.03}]}))
        done = command.scena("batch", plan, "-o", cls.home / "batch", "--clock", "virtual", "--report", cls.comparison)
        assert done.returncode == 1 and not done.stderr, done.stderr  # some failed
        cls.browser = Reader(cls.home)
        cls.addClassCleanup(shutil.rmtree, cls.home, ignore_errors=True)
        cls.addClassCleanup(cls.browser.close)
        cls.browser.start()

    def test_nothing_is_requested_or_logged(self):
        for page in (self.report, self.hostile, self.comparison):
            seen = self.browser.open(page)
            requests = [url for url in self.browser.requests() if not url.startswith("data:")]
            self.assertEqual(requests, [page.as_uri()])
            self.assertEqual([url for url in seen["resources"] if not url.startswith("data:")], [])
            self.assertEqual(self.browser.log("browser"), [])
            self.assertEqual(seen["scripts"], 0)

    def test_a_contradiction_is_a_pair_that_leads_to_both_messages(self):
        self.browser.open(self.contradictory)
        [pair] = self.browser.run(FINDINGS % "Contradictions")
        self.assertEqual(len(pair["quotes"]), 2)
        (earlier, at_home), (later, in_the_pub) = pair["quotes"]
        self.assertIn(earlier, at_home)
        self.assertIn(later, in_the_pub)
        self.assertTrue(at_home.startswith("I was at home") and in_the_pub.startswith("I was not"), pair)

    def test_every_planned_question_says_what_became_of_it(self):
        preset = json.loads(command.scena("presets", "show", "job-interview").stdout)
        self.browser.open(self.report)
        questions = self.browser.run(FINDINGS % "Questions")
        self.assertEqual(len(questions), len(preset["questions"]))
        badges = [question["badge"] for question in questions]
        self.assertLessEqual(set(badges), {"answered", "asked", "not asked"})
        self.assertIn("answered", badges)
        for question in questions:
            self.assertEqual(bool(question["quotes"]), question["badge"] == "answered", question)
            self.assertTrue(all(quote in message for quote, message in question["quotes"]), question)

    def test_text_of_the_conversation_stays_text(self):
        seen = self.browser.open(self.hostile)
        self.assertEqual(seen["injected"], 0)
        self.assertIn("<script>document.title='owned'", seen["text"])
        self.assertIn("<img src=http://example.invalid/y.png>", seen["text"])

    def test_a_phone_needs_no_sideways_scrolling(self):
        for page in (self.report, self.hostile, self.comparison):
            seen = self.browser.open(page, width=360)
            self.assertEqual(seen["inner"], 360)
            self.assertLessEqual(seen["width"], 360)

    def test_every_text_has_contrast_in_light_and_dark(self):
        for scheme in ("light", "dark"):
            seen = self.browser.open(self.report, scheme=scheme)
            self.assertEqual(seen["dark"], scheme == "dark")
            self.assertGreater(seen["texts"], 100)
            self.assertEqual(seen["weak"], [])

    def test_a_comparison_is_readable_in_light_and_dark_by_everybody(self):
        for scheme in ("light", "dark"):
            seen = self.browser.open(self.comparison, scheme=scheme)
            self.assertEqual(seen["dark"], scheme == "dark")
            self.assertGreater(seen["texts"], 100)
            self.assertEqual(seen["weak"], [])
        self.assertEqual((seen["main"], seen["header"], seen["ids"], seen["injected"], seen["scripts"]), (1, 1, 0, 0, 0))
        self.assertEqual(seen["levels"].count(1), 1)
        for above, below in zip(seen["levels"], seen["levels"][1:]):
            self.assertLessEqual(below - above, 1)
        self.assertIn("<img src=http://example.invalid/z.png>", seen["text"])

    def test_a_comparison_shows_every_outcome_and_metric_of_every_group_with_its_interval(self):
        seen = self.browser.open(self.comparison)
        rows = [json.loads(line) for line in (self.home / "batch" / "rows.jsonl").read_text().splitlines()]
        good = [row for row in rows if not row["error"]]
        groups = {(row["preset"], row["model"]) for row in good}
        metrics, outcomes = {name for row in good for name in row["metrics"]}, {row["outcome"] for row in good}
        self.assertEqual(len(groups), 4)
        self.assertEqual(len(seen["names"]), len(groups) * (len(metrics) + len(outcomes)))
        for preset, model in groups:
            for name in metrics | outcomes:
                self.assertEqual(sum(text.startswith(f"{name}, {preset}, {model}: ") for text in seen["names"]), 1)
            values = [row["metrics"]["engagement"] for row in good if (row["preset"], row["model"]) == (preset, model)]
            mean = sum(values) / len(values)
            spread = 2.5706 * (sum((v - mean) ** 2 for v in values) / (len(values) - 1) / len(values)) ** 0.5  # t of 5 degrees
            text = next(text for text in seen["names"] if text.startswith(f"engagement, {preset}, {model}: "))
            told = [float(number) for number in re.findall(r"\d\.\d\d", text.split(": ")[1])]
            for number, wanted in zip(told, (mean, mean - spread, mean + spread), strict=True):
                self.assertAlmostEqual(number, wanted, delta=0.0051)

    def test_charts_headings_and_landmarks_have_names(self):
        seen = self.browser.open(self.report)
        self.assertEqual(seen["lang"], "en")
        self.assertGreaterEqual(len(self.metrics), 6)
        self.assertEqual(len(seen["names"]), len(self.metrics))
        for name in seen["names"]:
            self.assertIn("over the messages", name)
        self.assertEqual((seen["main"], seen["header"], seen["ids"]), (1, 1, 0))
        self.assertEqual(seen["levels"].count(1), 1)
        for above, below in zip(seen["levels"], seen["levels"][1:]):
            self.assertLessEqual(below - above, 1)
        self.assertGreater(seen["marks"], 3)

    def test_each_point_of_a_curve_shows_its_evidence_on_focus_and_leads_to_its_message(self):
        for width in (1200, 360):
            self.browser.open(self.report, width=width)
            charts = self.browser.run(POINTS)
            points = [point for chart in charts for point in chart]
            self.assertEqual(len(charts), len(self.metrics))
            self.assertEqual(len(points), self.scores)
            for point in points:
                self.assertTrue(point["hidden"] and point["wide"] > 60)
                self.assertTrue(point["left"] >= 0 and point["right"] <= width, point)
                self.assertRegex(point["text"], r"^.+, message \d+: [+-]?\d\.\d\d .*confidence \d\.\d\d")
            own = [(quote, point["message"]) for point in points for quote in point["quotes"] if "(message" not in point["text"]]
            self.assertGreater(len(own), 20)
            for quote, message in own:
                self.assertIn(quote.removesuffix("…"), message)

    def test_what_a_score_is_worth_can_be_read(self):
        seen = self.browser.open(self.report)
        self.assertRegex(seen["text"], r"sentiment (positive|negative|neutral|mixed), confidence \d\.\d\d")
        industry = [score for score in self.all_scores if score["metric"] == "industry"]
        self.assertIn(f"industry {industry[0]['label']} ", seen["text"])
        self.assertEqual(len(re.findall(r"\bunsure\b", seen["text"])), sum(score["confidence"] < 0.4 for score in self.all_scores))

    def test_evidence_can_be_read_without_pointing(self):
        seen = self.browser.open(self.report)  # CHECK opens every list
        lists = self.browser.run(WHY)
        self.assertGreater(len(lists), 10)
        for quoted in lists:
            self.assertIn(quoted.removesuffix("…"), seen["text"])
        self.assertRegex(seen["text"], r"evasiveness\s+[\w-]+, confidence 0\.\d\d: (refusal.*I'd rather not|does not know.*hard to say)")
        for metric in ("sentiment", "evasiveness", "contradiction", "engagement"):
            self.assertRegex(seen["text"], rf"(?im)^{metric}\n+.*to 1")  # each chart says what it measures

    def test_paper_has_the_evidence_and_no_controls(self):
        self.browser.open(self.report)
        self.browser.devtools("Emulation.setEmulatedMedia", media="print")
        shown = self.browser.run(PRINTED)
        self.browser.devtools("Emulation.setEmulatedMedia", media="")
        self.assertEqual(shown, {"controls": 0, "dark": 0})

    def test_the_same_session_gives_the_same_page(self):
        again = self.home / "again.html"
        self.ok("run", "job-interview", "--auto", *VIRTUAL, "--report", again)
        self.assertEqual(again.read_bytes(), self.report.read_bytes())


if __name__ == "__main__":
    command.SCENA = sys.argv.pop(1)
    if not is_there():
        print("chromium or chromedriver is not installed: skipped")
        sys.exit(SKIPPED)
    unittest.main()
