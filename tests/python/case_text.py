"""Words and texts in the lines of a case."""
import json

DECODER = json.JSONDecoder()


class Wrong(Exception):
    """A line of a case that does not hold."""


def take_word(rest):
    """The first word, and what is behind it."""
    rest = rest.strip(" \t")
    end = min((at for at in map(rest.find, " \t,") if at >= 0), default=len(rest))
    return rest[:end], rest[end:].strip(" \t")


def word_or_none(rest):
    """A word that may be left out ("-", or nothing), and what is behind it."""
    word, rest = take_word(rest)
    return "" if word == "-" else word, rest


def take_quoted(rest):
    """The JSON string in front, and what is behind it."""
    text, end = DECODER.raw_decode(rest.lstrip(" "))
    return text, rest.lstrip(" ")[end:].lstrip(" ")


def take_separator(rest, separator):
    """Whether one is in front, and what is behind it."""
    rest = rest.lstrip(" ")
    return (True, rest[1:].lstrip(" ")) if rest.startswith(separator) else (False, rest)
