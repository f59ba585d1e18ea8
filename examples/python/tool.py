"""A tool written in Python, as a coroutine: a character looks up an order while it talks."""
import asyncio

import scena

ORDERS = {17: "on its way", 18: "lost"}


@scena.tool(everywhere=True, cache_for=60)
async def order_status(number: int, request: scena.ToolRequest):
    """Where an order is."""
    await asyncio.sleep(0.01)  # a data base would be asked here
    if number not in ORDERS:
        raise LookupError(f"there is no order {number}")
    return {"order": number, "status": ORDERS[number], "asked_by": request.character}


SCRIPT = [
    {"match": "17", "text": "One moment.", "tools": [{"name": "order_status", "arguments": {"number": 17}}]},
    {"match": "99", "text": "Let me see.", "tools": [{"name": "order_status", "arguments": {"number": 99}}]},
    {"after": "order_status", "text": "I see: %result%"},
]


async def main():
    desk = {"url": "script:", "options": {"replies": SCRIPT}}
    async with scena.Engine(provider="desk", providers={"desk": desk}, tools=[order_status]) as engine:
        session = engine.create_session("angry-customer")
        for question in ("Where is order 17?", "And order 99?"):
            async for delta in session.send(question):
                print(delta, end="", flush=True)
            print()
        uses = [use for message in session.messages() for use in message.tools]
        assert [use.failed for use in uses] == [False, True], uses


asyncio.run(main())
