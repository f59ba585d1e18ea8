"""scena run at a terminal of our own."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import unittest

import command
from command import CommandTest, VIRTUAL, environment


def pieces_of(screen):
    """What is written to a terminal, piece by piece, until nobody has it open any more."""
    while True:
        try:
            piece = os.read(screen, 4096)
        except OSError:
            return
        if not piece:
            return
        yield piece


def resize(screen, columns):
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))


class Screen:
    """What a terminal would show of `text`, as rows without an end at the top; knows the codes that the command uses."""

    def __init__(self, columns, text):
        self.rows, self.drawn, row, column, saved = [""], 0, 0, 0, (0, 0)
        for code, count, letter, plain in re.findall(r"(\x1b(?:\[([\d;]*)([A-Zm])|[78]))|([^\x1b])", text):
            if code == "\x1b7":
                saved, self.drawn = (row, column), self.drawn + 1
            elif code == "\x1b8":
                row, column = saved
            elif letter in ("A", "B"):
                row += int(count) * (1 if letter == "B" else -1)
            elif letter == "G":
                column = int(count) - 1
            elif plain == "\n":
                row, column = row + 1, 0
            elif plain:
                self.rows += [""] * (row + 1 - len(self.rows))
                self.rows[row] = self.rows[row].ljust(column)[:column] + plain + self.rows[row][column + 1:]
                column += 1
                if column == columns:
                    row, column = row + 1, 0
            assert row >= 0


class Terminal(CommandTest):
    def talk(self, typed, narrower=None, **more):
        """Runs a conversation at a terminal of our own, typing a line at each prompt; then Ctrl-D. At the first prompt
        the terminal gets another width."""
        screen, line = pty.openpty()
        process = subprocess.Popen([command.SCENA, "run", "job-interview", *VIRTUAL], stdin=line, stdout=line, stderr=line,
                                   env=environment(TERM="xterm", **more))
        os.close(line)
        seen, prompts, typed = b"", 0, [*typed, "\x04"]
        for piece in pieces_of(screen):
            seen += piece
            if seen.count(b"\n> ") > prompts and typed:
                prompts += 1
                if narrower and prompts == 1:
                    resize(screen, narrower)
                text = typed.pop(0)
                os.write(screen, text.encode() if text == "\x04" else (text + "\n").encode())
        os.close(screen)
        return process.wait(60), seen.decode().replace("\r\n", "\n")

    def test_a_person_talks_at_a_terminal(self):
        code, seen = self.talk(["Good morning.", "", "I built the queue."])  # an empty line is asked again
        self.assertEqual(code, 0, seen)
        self.assertEqual(seen.count("Good morning.\n"), 1)  # as typed, not printed again
        self.assertIn("\x1b[1;36mDana Whitfield\x1b[0m", seen)
        self.assertIn("5 messages, 2 turns", seen)

    def test_a_person_who_says_nothing_ends_the_conversation(self):
        code, seen = self.talk([])
        self.assertEqual(code, 0, seen)
        self.assertNotIn("scena: ", seen)
        self.assertIn(", completed, ", seen)

    def watch(self, columns, **more):
        """What a run without a person writes to a terminal of that width."""
        screen, line = pty.openpty()
        resize(screen, columns)
        arguments = ["run", "police-interrogation", "--auto", "--max-turns", "6", *VIRTUAL]
        process = subprocess.Popen([command.SCENA, *arguments], stdin=line, stdout=line, stderr=line, env=environment(TERM="xterm", **more))
        os.close(line)
        seen = b"".join(pieces_of(screen))
        os.close(screen)
        self.assertEqual(process.wait(60), 0)
        return seen.decode().replace("\r\n", "\n")

    def test_metrics_stand_beside_the_message_and_move_while_it_is_written(self):
        seen = Screen(100, self.watch(100))
        talk = seen.rows[:[row.strip() for row in seen.rows].index("Analysis")]
        rows = [row for row in talk if "evasiveness" in row and "!" not in row]
        self.assertEqual(len(rows), 6)  # one a message; the opening has none
        for row in rows:
            self.assertRegex(row, r"^.{71}evasiveness     \d\.\d\d [ ▏▎▍▌▋▊▉█]*$")
            self.assertNotEqual(row[:68].strip(), "")  # the text is there, not overwritten
        self.assertGreater(seen.drawn, 3 * 7)  # while the text came, not only at its end

    def test_a_narrow_terminal_has_them_in_lines_that_fit(self):
        seen = re.sub(r"\x1b\[[\d;]*m", "", self.watch(40))
        self.assertNotIn("\x1b", seen)
        self.assertIn("\n  contradiction 0.00", seen)
        self.assertRegex(seen, r"completed,\s+session\s+[0-9a-f-]{36}\n$")
        for row in seen.splitlines():
            if not row.startswith("session "):
                self.assertLessEqual(len(row), 40, row)

    def test_messages_after_a_change_of_the_width_follow_it(self):
        _, seen = self.talk(["Good morning."], narrower=40, NO_COLOR="1")
        before, after = seen.split("> Good morning.\n")
        self.assertGreater(max(map(len, before.splitlines()[2:])), 40)
        self.assertNotRegex(after, "sentiment.*engagement")
        reply = after.splitlines()
        self.assertGreater(len(reply), 8)
        self.assertLessEqual(max(map(len, reply)), 40)

    def test_no_colour_where_it_is_not_wanted(self):
        self.assertNotIn("\x1b", self.talk(["Good morning."], NO_COLOR="1")[1])


if __name__ == "__main__":
    command.SCENA = sys.argv.pop(1)
    unittest.main()
