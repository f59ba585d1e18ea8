"""Under LD_PRELOAD of tests/node/slow_sync.c, which lets a sync of a file take as long as it is told to."""
import asyncio
import ctypes
import os
import tempfile
import unittest

import scena

SHIM = ctypes.CDLL(os.environ["SCENA_SLOW_SYNC"]) if "SCENA_SLOW_SYNC" in os.environ else None


@unittest.skipIf(SHIM is None, "ctest sets SCENA_SLOW_SYNC and LD_PRELOAD")
class SlowStore(unittest.IsolatedAsyncioTestCase):
    async def goes_on_during(self, work):
        """Awaits it with a sync that ends only when the loop has turned meanwhile."""
        before = SHIM.slow_syncs()
        SHIM.slow_syncs_hold(1)
        task = asyncio.ensure_future(work)
        for _ in range(10):
            await asyncio.sleep(0)
        self.assertFalse(task.done())
        SHIM.slow_syncs_hold(0)
        result = await task
        self.assertGreater(SHIM.slow_syncs(), before)
        self.assertEqual(SHIM.slow_syncs_given_up(), 0)  # the loop's thread waited for none
        return result

    async def test_opening_and_closing_do_not_block_the_loop(self):
        with tempfile.TemporaryDirectory() as folder:
            engine = await self.goes_on_during(scena.Engine.open_async(storage=f"sqlite:{folder}/a.db"))
            reader = asyncio.ensure_future(outcome(engine.create_session("job-interview").send("Hello")))
            await asyncio.sleep(0)
            await self.goes_on_during(engine.aclose())
            self.assertEqual(await asyncio.wait_for(reader, 30), "closed")
            await engine.aclose()  # twice does no harm

    async def test_the_end_of_async_with_does_not_either(self):
        with tempfile.TemporaryDirectory() as folder:
            async with scena.Engine(storage=f"sqlite:{folder}/a.db") as engine:
                engine.create_session("job-interview").start()
                await self.goes_on_during(engine.__aexit__())
            with self.assertRaises(scena.ClosedError):
                engine.stats()


async def outcome(turn):
    try:
        return (await turn).outcome
    except scena.ClosedError:
        return "closed"


if __name__ == "__main__":
    unittest.main()
