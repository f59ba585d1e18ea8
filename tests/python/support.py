"""What the tests of the package share."""
import asyncio
import subprocess
import sys
import threading
import unittest

import scena

ASKS = {"match": "weather", "text": "Let me look.", "tools": [{"name": "weather", "arguments": {"city": "Oslo"}}]}
TELLS = {"after": "weather", "text": "It has %result%."}


def engine(*replies, **options):
    """An engine on the virtual clock whose model says these replies in turn."""
    options.setdefault("clock", "virtual")
    options.setdefault("seed", 7)
    settings = {"url": "script:", "options": {"delay_ms": 100, "token_ms": 20, "replies": list(replies)}}
    providers = {"model": settings if replies else "script:", **options.pop("providers", {})}
    options.setdefault("provider", "model")
    return scena.Engine(providers=providers, **options)


def reply_of(provider, text="Hello", **options):
    with engine(providers={"own": provider}, provider="own", max_retries=0, **options) as e:
        session = e.create_session("job-interview")
        return session.send(text).result()


def answer_with(*tools, **options):
    with engine(ASKS, TELLS, tools=tools, **options) as e:
        session = e.create_session("job-interview")
        text = session.send("How is the weather?").result().text
        uses = [use for message in session.messages() for use in message.tools]
        return text, uses


def python(code, *arguments, **options):
    """Runs code in a process of its own."""
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60, **options)


async def awaited(something):
    return await something


class Later:
    """A provider that lets its loop turn before each piece."""

    def __init__(self):
        self.threads = []

    async def reply(self, request):
        self.threads.append(threading.get_ident())
        for piece in ("One ", "two."):
            await asyncio.sleep(0)
            yield piece


class Raised(unittest.TestCase):
    """Takes what callbacks raise: it comes to sys.unraisablehook."""

    def setUp(self):
        self.raised = []
        hook, sys.unraisablehook = sys.unraisablehook, lambda args: self.raised.append(args.exc_type)
        self.addCleanup(setattr, sys, "unraisablehook", hook)
