"""Who presses the keys of the demo: a person at a terminal, or a text.
SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import sys
import time

CHARGE_S = 120      # one charge of a script must be over within this


class Keyboard:
    """Keys of a terminal."""

    def sources(self):
        return [sys.stdin]

    def pressed(self, ready, _demo):
        if sys.stdin not in ready:
            return ""
        try:
            return os.read(sys.stdin.fileno(), 16).decode(errors="ignore").lower() or "q"
        except OSError:
            return "q"  # the terminal is gone


class Script:
    """Keys from a text: `3l` presses l 3 s after the first current of a charge, a bare `l` 2 s after it or the key before; `p`
    waits until the charge is over. A key whose charge has ended meanwhile is pressed all the same, when its time has come; at once
    where no current ever flowed. After the last key it waits for the end of the charge and quits. Blanks or commas between."""

    WORD = re.compile(r"^(\d+(?:\.\d+)?)?([seuilpq])$")
    PAUSE_S = 2.0

    def __init__(self, text, clock=time.monotonic):
        self.clock = clock
        self.steps = [self.step(word) for word in text.lower().replace(",", " ").split()]
        keys = [key for _, key in self.steps]
        if "q" in keys[:-1]:
            raise ValueError("nothing can follow q, which quits")
        self.pressed_s = 0.0  # of the charge's current
        self.until = clock() + CHARGE_S
        self.charges = 0
        self.late = False

    def step(self, word):
        match = self.WORD.match(word)
        if not match:
            raise ValueError(f"{word!r} is no key (s e u i l p q) with seconds before it")
        after_s, key = float(match[1]) if match[1] else None, match[2]
        if after_s is not None and key == "p":
            raise ValueError(f"{word!r}: p waits for the end of the charge and takes no seconds")
        if after_s is not None and after_s >= CHARGE_S:
            raise ValueError(f"{word!r}: a charge of a script lasts {CHARGE_S} s at most")
        return after_s, key

    def sources(self):
        return []

    def charge_over(self, demo):
        return len(demo.charges) > self.charges and not demo.active

    def due(self, demo):
        """The next key, if its time has come."""
        if not self.steps:
            return None
        after_s, key = self.steps[0]
        over = self.charge_over(demo)
        if key == "p":
            return key if over else None
        if not demo.active and not over:
            return None  # the last charge's current says nothing of this one's
        flowing_s = demo.flowing_s()
        if flowing_s is None:
            return key if over else None
        return key if flowing_s >= (after_s if after_s is not None else self.pressed_s + self.PAUSE_S) else None

    def pressed(self, _ready, demo):
        key = self.due(demo)
        if key:
            self.steps.pop(0)
            self.pressed_s = demo.flowing_s() or 0.0
            if key == "p":
                self.pressed_s = 0.0
                self.charges = len(demo.charges)
                self.until = self.clock() + CHARGE_S
            return key
        over = not self.steps and self.charge_over(demo)
        self.late = not over and self.clock() > self.until
        return "q" if over or self.late else ""
