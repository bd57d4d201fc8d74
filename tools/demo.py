#!/usr/bin/env python3
"""Runs the demo: makes the cable, starts charger and car, shows the charge, presses keys; called by script/demo.

Called inside a network namespace of its own, where the charger lives; the car gets a second one. Everything ends with this process.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import contextlib
import os
import select
import signal
import sys
import termios
import time
import tty

import demo_view
from demo_keys import CHARGE_S, Keyboard, Script
from demo_world import BIN, CALLED_FROM, GOODBYE_S, PROGRAMS, ROOT, Cable, OneProcess, PowerLine, Wire

LIMIT_MA = 40000    # key l
FAULT_OHM = 20000   # key i
HEALTHY_OHM = 2000000
DEFAULT_KEYS = "3l 5l 7s p 3s"


class Demo:
    """What the keys do, and what is known of the charges."""

    def __init__(self, world, view, keys):
        self.world, self.view, self.keys = world, view, keys
        self.status, self.car_status = {}, {}
        self.charges = []       # (status at the end, seconds)
        self.active = False
        self.limited = False
        self.begun = self.current_since = None
        self.unplugged, self.plugging = True, False
        self.quit = False
        self.left = False       # by key q
        self.signal = 0         # what ended us, if it was no key

    # -- keys

    def press(self, key):
        act = {"s": self.stop, "e": self.emergency, "u": self.unplug, "i": self.isolation, "l": self.limit, "p": self.plug,
               "q": self.leave}.get(key)
        if act:
            act()

    def stop(self):
        if not self.active:
            self.view.say("key s: no charge is there to be stopped (p plugs a car in)")
            return
        self.view.say("key s: stop, asked at the charger")
        self.world.charger.tell("stop")

    def emergency(self):
        self.view.say("key e: emergency stop")
        self.world.charger.tell("stop emergency")

    def unplug(self):
        if self.unplugged:
            self.view.say("key u: the connector is out (p plugs a car in)")
            return
        self.view.say("key u: the connector is pulled")
        self.world.unplug()
        self.unplugged, self.plugging = True, False

    def isolation(self):
        if not self.active:
            self.view.say("key i: no charge is there to be disturbed (p plugs a car in)")
            return
        self.view.say(f"key i: insulation falls to {FAULT_OHM // 1000} kOhm")
        self.world.charger.tell(f"sim isolation {FAULT_OHM}")

    def limit(self):
        self.limited = not self.limited
        self.view.say(f"key l: the site allows {f'{LIMIT_MA // 1000} A' if self.limited else 'what the hardware can'}")
        self.world.charger.tell(f"limits mA={LIMIT_MA}" if self.limited else "limits site")

    def plug(self):
        if self.active or self.plugging:
            self.view.say("key p: a car is plugged in already (u pulls the connector)")
            return
        self.view.say("key p: a car plugs in")
        if not self.unplugged:
            self.world.unplug()
        self.world.charger.tell(f"sim isolation {HEALTHY_OHM}")
        if self.limited:
            self.limit()
        self.plugging = True
        self.unplugged = False

    def plug_when_free(self, status):
        """The connector goes in once the charger has seen that it was out: after an emergency it shows state F for a while."""
        if self.plugging and status.get("pilot") == "A":
            self.plugging = False
            if status.get("last_end") in ("EMERGENCY", "STOPPED_SERVICE"):
                self.view.say("service: reset, which an emergency stop asks for")
                self.world.charger.tell("reset")
            self.world.plug()

    def leave(self):
        self.quit = self.left = True

    def on_signal(self, number, _frame):
        """The first ends the charge in order, as q does; a second one does not wait for that."""
        if self.quit:
            sys.exit(128 + number)
        if number == signal.SIGHUP:  # nobody is there to read
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in range(3):
                os.dup2(nowhere, stream)
        self.signal = number
        self.quit = True

    # -- what the programs tell

    def take(self, program, objects):
        for status in objects:
            if "error" in status:
                self.view.say(f"{program.name}: {status['error']}")
            elif program is self.world.charger and "phase" in status:
                self.charger_tells(status)
            elif "phase" not in status and "wait" in status:
                self.car_status = status

    def charger_tells(self, status):
        before, self.status = self.status, status
        active = bool(status.get("running")) or status.get("wait") == "settling"
        if active and not self.active:
            self.begun, self.current_since = time.monotonic(), None
        if status.get("phase") == "LIVE" and (status.get("mA") or 0) > 500 and self.current_since is None and active:
            self.current_flows()
        if self.active and not active:
            self.charges.append((status, before, time.monotonic() - self.begun))
        self.active = active
        self.plug_when_free(status)
        self.view.show(status, self.car_status)

    def current_flows(self):
        self.current_since = time.monotonic()
        if not self.charges and "CCS_DEMO_STARTED" in os.environ:
            self.view.say(f"first current after {time.time() - float(os.environ['CCS_DEMO_STARTED']):.0f} s from script/demo")

    def flowing_s(self):
        return time.monotonic() - self.current_since if self.current_since else None

    # -- the loop

    def turn(self, wait_s):
        streams = {stream.source: (program, stream) for program in self.world.programs() for stream in program.streams()}
        ready, _, _ = select.select([*streams, *self.keys.sources()], [], [], wait_s)
        for source in ready:
            if source in streams:
                program, stream = streams[source]
                self.take(program, stream.read())
        for key in self.keys.pressed(ready, self):
            self.press(key)

    def run(self):
        self.plug()
        while not self.quit and self.world.charger.running():
            self.turn(0.1)
        if self.active and self.world.charger.running():
            self.world.charger.tell("stop")
            until = time.monotonic() + GOODBYE_S
            while self.active and self.world.charger.running() and time.monotonic() < until:
                self.turn(0.1)


def near(path):
    """As the caller may type it."""
    return os.path.relpath(path, CALLED_FROM) if path.startswith(CALLED_FROM + os.sep) else path


def summary(world, demo, folder):
    """Says how it went. Returns the exit code."""
    print(f"\n{len(demo.charges)} charge{'s' if len(demo.charges) != 1 else ''} ({world.name})")
    for number, (status, last, seconds) in enumerate(demo.charges, 1):
        energy_Wh = last.get("energy_Wh", 0)
        print(f"  {number}. {status.get('last_end', '?'):<14} {seconds:5.1f} s  {energy_Wh:5} Wh  "
              f"{last.get('protocol', '')}, car at {last.get('soc_permille', -1) / 10:.1f} %")
    captures = os.path.join(folder, "captures")
    files = sorted(os.path.join(captures, name) for name in os.listdir(captures) if name.endswith(".pcapng"))
    for path in files:
        print(f"  {near(path)}")
    if not demo.charges and demo.left:
        return 0
    if files:
        print(f"Read it:  {near(os.path.join(BIN, 'ccs-dump'))} pcap {near(files[-1])}")
        print(f"     or:  wireshark {near(files[-1])}")
    return 0 if demo.charges and files else 1


def arguments():
    options = argparse.ArgumentParser(prog="script/demo", description="A whole DC charge to be watched.")
    options.add_argument("--script", nargs="?", const=DEFAULT_KEYS, metavar="KEYS",
                         help=f"without a terminal; default: {DEFAULT_KEYS!r}")
    options.add_argument("--in-process", action="store_true", help="charger and car in one process on a simulated link")
    options.add_argument("--slac", action=argparse.BooleanOptionalAction, default=True,
                         help="from the plug on: a match over a modelled power line before IPv6 passes; --no-slac: a given link")
    options.add_argument("--folder", default=os.path.join(ROOT, "build", "demo"), help="where logs and captures go")
    return options.parse_args()


def show(world, view, keys, folder):
    demo = Demo(world, view, keys)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, demo.on_signal)
    try:
        if not world.start():
            print(f"{world.charger.name} did not start:\n{world.charger.complaint()}", file=sys.stderr)
            return 1
        demo.run()
    finally:
        view.end()
        world.end()
    code = summary(world, demo, folder)
    for program in world.programs():
        if program.process.returncode not in (0, -signal.SIGTERM) and program is world.charger:
            print(f"{program.name} ended with {program.process.returncode}:\n{program.complaint()}")
            code = 1
    if getattr(keys, "late", False):
        print(f"a charge was not over within {CHARGE_S} s")
        code = 1
    return 128 + demo.signal if demo.signal else code


def missing_program():
    """The path of one that is not there; None: all are."""
    paths = (os.path.join(BIN, name) for name in PROGRAMS)
    return next((path for path in paths if not os.access(path, os.X_OK)), None)


def main():
    given = arguments()
    missing = missing_program()
    if missing:
        print(f"demo: no program {missing} (CCS_BIN names their folder)", file=sys.stderr)
        return 2
    folder = os.path.join(CALLED_FROM, given.folder, time.strftime("%Y%m%d-%H%M%S"))
    os.makedirs(folder, exist_ok=True)
    try:
        keys = Script(DEFAULT_KEYS if given.script is None else given.script)
    except ValueError as wrong:
        print(f"demo: --script: {wrong}", file=sys.stderr)
        return 2
    world = OneProcess(folder) if given.in_process else Wire(folder, PowerLine if given.slac else Cable)
    terminal = sys.stdin.isatty() and sys.stdout.isatty() and given.script is None
    if not terminal:
        return show(world, demo_view.Lines(), keys, folder)
    settings = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        return show(world, demo_view.Screen(world.name), Keyboard(), folder)
    finally:
        with contextlib.suppress(termios.error):  # the terminal may be gone
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, settings)


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # a terminal that is not UTF-8 has no blocks for the curve
    sys.exit(main())
