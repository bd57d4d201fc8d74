"""How the demo shows a charge: a live screen for a terminal, lines without one.

Both are fed with the objects of the charger's `watch` stream.
SPDX-License-Identifier: Apache-2.0
"""
import collections
import contextlib
import shutil
import sys
import time

# The waits of a session in their order (src/session/session.h), as short words.
STEPS = [("matching", "match"), ("joining", "match"), ("setup", "setup"), ("SessionSetup", "setup"),
         ("ServiceDiscovery", "services"), ("ServiceDetail", "services"), ("ServiceSelection", "services"),
         ("Payment", "payment"), ("PaymentDetails", "payment"), ("Authorization", "authorize"),
         ("ChargeParameters", "parameters"), ("Schedule", "parameters"), ("CableCheck", "cable check"),
         ("PreCharge", "precharge"), ("PowerOn", "precharge"), ("FirstDemand", "power on"), ("Loop", "charging"),
         ("Receipt", "charging"), ("PowerOff", "power off"), ("Over", "end"), ("settling", "end"), ("holding", "end")]
ORDER = list(dict.fromkeys(word for _, word in STEPS))
WORD_OF = dict(STEPS)
BARS = " ▁▂▃▄▅▆▇█"
CURVE_S = 60
KEYS = "s stop  e emergency  u unplug  i insulation fault  l limit  p plug in  q quit"
WHY = {"STARTING": "on its way", "PILOT_LOST": "the pilot does not ask for energy"}
BOLD, DIM, RED, GREEN, CYAN, PLAIN = "\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[36m", "\033[0m"


def volts(status):
    return (status.get("mV") or 0) / 1000


def amps(status):
    return (status.get("mA") or 0) / 1000


def figures(status):
    return f"{volts(status):6.1f} V {amps(status):6.1f} A {volts(status) * amps(status) / 1000:6.2f} kW"


def soc(status, car):
    permille = status.get("soc_permille", -1)
    return permille if permille is not None and permille >= 0 else car.get("soc_permille", -1)


def told_why(status):
    """Why the guard grants less than is wanted, for people; empty: it does not."""
    why = status.get("why") or "NONE"
    return "" if why == "NONE" else WHY.get(why, why)


class Lines:
    """A line when something changes, and every two seconds while current flows."""

    EVERY_S = 2.0

    def __init__(self):
        self.begun = time.monotonic()
        self.last = None
        self.last_at = 0.0

    def say(self, text):
        print(f"{time.monotonic() - self.begun:6.1f} s  {text}", flush=True)

    def show(self, status, car):
        state = tuple(status.get(name) for name in ("wait", "phase", "pilot", "isolation", "why"))
        now = time.monotonic()
        if state == self.last and now - self.last_at < self.EVERY_S:
            return
        if state == self.last and not status.get("running"):
            return
        self.last, self.last_at = state, now
        percent = soc(status, car)
        told = f"  {percent / 10:.1f} %" if percent >= 0 else ""
        why = f"  {told_why(status)}" if told_why(status) else ""
        self.say(f"{status.get('wait', ''):<26} {status.get('phase', ''):<10} pilot {status.get('pilot', '?')}  {figures(status)}  "
                 f"{status.get('energy_Wh', 0)} Wh{told}{why}")

    def end(self):
        pass


class Screen:
    """A screen that is drawn anew five times a second."""

    EVERY_S = 0.2
    OTHER_ROWS = 16     # all but the events
    MOST_EVENTS = 12

    def __init__(self, world):
        self.world = world
        self.begun = time.monotonic()
        self.drawn = 0.0
        self.samples = collections.deque()  # (time, V, A)
        self.events = collections.deque(maxlen=self.MOST_EVENTS)
        self.last = {}
        sys.stdout.write("\033[?1049h\033[?25l")

    def end(self):
        sys.stdout.write("\033[?25h\033[?1049l")
        sys.stdout.flush()

    def clock(self):
        seconds = time.monotonic() - self.begun
        return f"{int(seconds // 60):02}:{seconds % 60:04.1f}"

    def say(self, text):
        self.events.append(f"{self.clock()}  {text}")

    def show(self, status, car):
        self.note_changes(status)
        now = time.monotonic()
        self.samples.append((now, volts(status), amps(status)))
        while self.samples[0][0] < now - CURVE_S:
            self.samples.popleft()
        if now - self.drawn >= self.EVERY_S:
            self.drawn = now
            self.draw(status, car, now)

    def note_changes(self, status):
        for name, text in (("wait", "waits for {}"), ("phase", "guard: {}"), ("isolation", "insulation: {}"), ("pilot", "pilot {}"),
                           ("why", "because: {}")):
            if status.get(name) != self.last.get(name) and status.get(name) not in (None, "NONE", "STARTING"):
                self.say(text.format(told_why(status) if name == "why" else status[name]))
        self.last = status

    def draw(self, status, car, now):
        size = shutil.get_terminal_size((100, 30))
        width = min(size.columns, 120)
        room = min(self.MOST_EVENTS, max(0, size.lines - self.OTHER_ROWS))
        events = list(self.events)[-room:] if room else []
        lines = [f"{BOLD}ccs2-dc{PLAIN}  {self.world}{' ' * 4}{self.clock()}", ""]
        lines += self.steps(status)
        lines += ["", *self.facts(status), ""]
        lines += self.curve("V", 1, status.get("target_mV"), now, width)
        lines += self.curve("A", 2, None, now, width)
        lines += ["", self.energy(status, car, width), ""]
        lines += [DIM + event[:width - 1] + PLAIN for event in events] + [""] * (room - len(events))
        lines += [KEYS[:width - 1]]
        with contextlib.suppress(OSError):  # the terminal may be gone; a signal says so
            sys.stdout.write("\033[H" + "\033[K\n".join(lines) + "\033[K\033[J")
            sys.stdout.flush()

    def steps(self, status):
        now = WORD_OF.get(status.get("wait", ""), "")
        reached = ORDER.index(now) if now in ORDER else -1
        words = [f"{GREEN}{word}{PLAIN}" if index < reached else f"{BOLD}{CYAN}[{word}]{PLAIN}" if index == reached
                 else f"{DIM}{word}{PLAIN}" for index, word in enumerate(ORDER)]
        return [" ".join(words[:6]), " ".join(words[6:])]

    def facts(self, status):
        """Two lines: what is, and what is the matter."""
        trouble = told_why(status) if status.get("why") != "STARTING" else ""
        over = not status.get("running") and status.get("wait") != "settling" and status.get("last_end")
        ended = f"last charge: {BOLD}{status['last_end']}{PLAIN}; p plugs a car in again" if over else ""
        spoken = status.get("protocol") or "no protocol yet"
        return [f"{spoken}  session {status.get('session', 0)}  pilot {status.get('pilot', '?')}  "
                f"guard {BOLD}{status.get('phase', '?')}{PLAIN}  insulation {status.get('isolation', '?')}",
                ended or f"{RED}{trouble}{PLAIN}"]

    def curve(self, unit, column, target_mV, now, width):
        """Two rows of blocks over the last minute, with the present figure before them."""
        cells = max(20, width - 25)
        values = [0.0] * cells
        for sample in self.samples:
            values[min(cells - 1, int((sample[0] - now + CURVE_S) / CURVE_S * cells))] = sample[column]
        present = self.samples[-1][column] if self.samples else 0.0
        top = max(values + [1.0])
        levels = [round(value / top * 16) for value in values]
        upper = "".join(BARS[max(0, level - 8)] for level in levels)
        lower = "".join(BARS[min(8, level)] for level in levels)
        told = f"target {target_mV / 1000:6.1f}" if target_mV else ""
        return [f"{BOLD}{present:7.1f} {unit}{PLAIN} {told:<13} {CYAN}{upper}{PLAIN}", f"{'':<24}{CYAN}{lower}{PLAIN}"]

    def energy(self, status, car, width):
        permille = soc(status, car)
        cells = max(10, min(40, width - 50))
        filled = max(0, permille) * cells // 1000
        bar = "█" * filled + "░" * (cells - filled)
        told = f"battery {bar} {permille / 10:.1f} %" if permille >= 0 else ""
        return f"{volts(status) * amps(status) / 1000:7.2f} kW   {status.get('energy_Wh', 0):6} Wh   {told}"
