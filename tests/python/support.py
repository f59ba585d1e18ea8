"""What the tests of the package share."""
import scena


def engine(*replies, **options):
    """An engine on the virtual clock whose model says these replies in turn."""
    options.setdefault("clock", "virtual")
    options.setdefault("seed", 7)
    settings = {"url": "script:", "options": {"delay_ms": 100, "token_ms": 20, "replies": list(replies)}}
    providers = {"model": settings if replies else "script:", **options.pop("providers", {})}
    options.setdefault("provider", "model")
    return scena.Engine(providers=providers, **options)
