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
    waits until the charge is over. After the last key it waits for the end of the charge and quits. Blanks or commas between."""

    WORD = re.compile(r"^(\d+(?:\.\d+)?)?([seuilpq])$")
    PAUSE_S = 2.0

    def __init__(self, text):
        self.steps = []
        for word in text.replace(",", " ").split():
            match = self.WORD.match(word)
            if not match:
                raise ValueError(f"{word!r} is no key (s e u i l p q) with seconds before it")
            self.steps.append((float(match[1]) if match[1] else None, match[2]))
        self.pressed_s = 0.0  # of the charge's current
        self.until = time.monotonic() + CHARGE_S
        self.charges = 0
        self.late = False

    def sources(self):
        return []

    def due(self, demo):
        """The next key, if its time has come."""
        if not self.steps:
            return None
        after_s, key = self.steps[0]
        if key == "p":
            return key if len(demo.charges) > self.charges and not demo.active else None
        flowing_s = demo.flowing_s()
        due_s = after_s if after_s is not None else self.pressed_s + self.PAUSE_S
        return key if demo.active and flowing_s is not None and flowing_s >= due_s else None

    def pressed(self, _ready, demo):
        key = self.due(demo)
        if key:
            self.steps.pop(0)
            self.pressed_s = demo.flowing_s() or 0.0
            if key == "p":
                self.pressed_s = 0.0
                self.charges = len(demo.charges)
                self.until = time.monotonic() + CHARGE_S
            return key
        over = not self.steps and not demo.active and len(demo.charges) > self.charges
        self.late = not over and time.monotonic() > self.until
        return "q" if over or self.late else ""
