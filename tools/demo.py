#!/usr/bin/env python3
"""Runs the demo: makes the cable, starts charger and car, shows the charge, presses keys; called by script/demo.

Called inside a network namespace of its own, where the charger lives; the car gets a second one. Everything ends with this process.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import contextlib
import ctypes
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import termios
import time
import tty

import demo_view

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.environ.get("CCS_BIN") or os.path.join(ROOT, "build", "release", "bin")
CALLED_FROM = os.environ.get("CCS_DEMO_FROM") or os.getcwd()
WATCH_MS = 100
START_S = 10        # a program that has no control socket by then has failed
CHARGE_S = 120      # --script: one charge must be over within this
GOODBYE_S = 8       # after q a running charge ends in order
LIMIT_MA = 40000    # key l
FAULT_OHM = 20000   # key i
HEALTHY_OHM = 2000000
DEFAULT_KEYS = "3l 5l 7s p 3s"
CHARGER_IF, CAR_IF = "ccs-evse0", "ccs-ev0"

# A battery small enough to watch it fill.
CAR = ["--set", "capacity_Wh=1500"]


def die_with_parent():
    """Away from the terminal too: Ctrl-C is ours, and ends charger and car in order."""
    os.setsid()
    ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGTERM)


class Stream:
    """Lines out, JSON objects in."""

    def __init__(self, source):
        self.source = source  # has a fileno()
        self.rest = b""
        self.open = True

    def receive(self):
        return os.read(self.source.fileno(), 65536)

    def read(self):
        """Every whole object that has come."""
        try:
            data = self.receive()
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        if not data:
            self.open = False
            return []
        *lines, self.rest = (self.rest + data).split(b"\n")
        return [json.loads(line) for line in lines if line.strip()]


class Control(Stream):
    """A connection to a program's control socket."""

    def __init__(self, path):
        super().__init__(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        self.source.connect(path)
        self.source.setblocking(False)

    def send(self, line):
        try:
            self.source.sendall(line.encode() + b"\n")
        except OSError:
            self.open = False


class Pipe(Stream):
    """Standard input and output of a program."""

    def __init__(self, process):
        super().__init__(process.stdout)
        self.input = process.stdin

    def send(self, line):
        try:
            self.input.write(line.encode() + b"\n")
            self.input.flush()
        except OSError:
            self.open = False


class Program:
    """One of our programs, its log, and the streams that lead to it."""

    def __init__(self, name, argv, folder):
        self.name = name
        self.log = os.path.join(folder, name + ".log")
        self.path = argv[argv.index("--control") + 1] if "--control" in argv else None
        self.watch = self.command = None
        pipe = subprocess.DEVNULL if self.path else subprocess.PIPE
        if self.path and os.path.exists(self.path):
            os.unlink(self.path)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(argv, stdin=pipe, stdout=log if self.path else pipe, stderr=log, cwd=folder,
                                            preexec_fn=die_with_parent)

    def connect(self):
        """Opens the streams and watches. False: the program is not there within its time."""
        if not self.path:
            self.watch = self.command = Pipe(self.process)
        until = time.monotonic() + START_S
        while self.watch is None and time.monotonic() < until and self.running():
            try:
                self.watch, self.command = Control(self.path), Control(self.path)
            except OSError:
                time.sleep(0.05)
        if self.watch:
            self.watch.send(f"watch {WATCH_MS}")
        return self.watch is not None

    def running(self):
        return self.process.poll() is None

    def streams(self):
        return {stream for stream in (self.watch, self.command) if stream and stream.open}

    def tell(self, line):
        if self.command and self.command.open:
            self.command.send(line)

    def end(self, wait_s):
        if self.running():
            self.process.terminate()
        try:
            self.process.wait(wait_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def complaint(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return "".join(log.readlines()[-8:]).rstrip()


def ip(*words, inside=None):
    enter = ["nsenter", "-t", str(inside), "-n"] if inside else []
    return subprocess.run([*enter, "ip", *words], capture_output=True, text=True).returncode == 0


class Cable:
    """A virtual Ethernet pair: one end here, the other in the car's namespace, which a waiting process holds."""

    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                       preexec_fn=die_with_parent)
        self.pid = self.holder.pid
        self.made = self.apart() and self.make()

    def apart(self):
        """The holder is in a namespace of its own, within a second."""
        own = os.readlink("/proc/self/ns/net")
        for _ in range(100):
            if os.readlink(f"/proc/{self.pid}/ns/net") != own:
                return True
            time.sleep(0.01)
        return False

    def make(self):
        return (ip("link", "set", "lo", "up")
                and ip("link", "set", "lo", "up", inside=self.pid)
                and ip("link", "add", CHARGER_IF, "type", "veth", "peer", "name", CAR_IF, "netns", str(self.pid))
                and ip("link", "set", CHARGER_IF, "up")
                and ip("link", "set", CAR_IF, "up", inside=self.pid))

    def car_argv(self, argv):
        return ["nsenter", "-t", str(self.pid), "-n", "--", *argv]

    def end(self):
        self.holder.stdin.close()
        self.holder.wait()


class Wire:
    """The world of two programs on a cable."""

    name = "two programs, IPv6 over a virtual cable"

    def __init__(self, folder):
        self.folder = folder
        self.cable = Cable()
        self.charger = self.car = None
        if not self.cable.made:
            raise RuntimeError("the virtual cable cannot be made")

    def start(self):
        capture = os.path.join(self.folder, "captures")
        os.makedirs(capture, exist_ok=True)
        self.charger = Program("ccs-evse", [os.path.join(BIN, "ccs-evse"), "--interface", CHARGER_IF, "--hal", "sim", "--control",
                                            os.path.join(self.folder, "evse.sock"), "--capture", capture,
                                            "--set", "site.state=" + self.folder, "--set", "sim.plugged=false"], self.folder)
        return self.charger.connect()

    def plug(self):
        self.charger.tell("sim plug")
        if self.car and self.car.running():
            self.car.end(2)
        argv = [os.path.join(BIN, "ccs-ev"), "--interface", CAR_IF, "--protocol", "din", "--control",
                os.path.join(self.folder, "ev.sock"), *CAR]
        self.car = Program("ccs-ev", self.cable.car_argv(argv), self.folder)
        self.car.connect()

    def unplug(self):
        self.charger.tell("sim unplug")
        if self.car:
            self.car.tell("unplug")

    def programs(self):
        return [program for program in (self.charger, self.car) if program]

    def end(self):
        for program in reversed(self.programs()):
            program.end(GOODBYE_S)
        self.cable.end()


class OneProcess:
    """The world in a single program: charger and car on a simulated link."""

    name = "one process, simulated link"

    def __init__(self, folder):
        self.folder = folder
        self.charger = self.car = None

    def start(self):
        capture = os.path.join(self.folder, "captures")
        os.makedirs(capture, exist_ok=True)
        self.charger = Program("ccs-demo", [os.path.join(BIN, "ccs-demo"), "--capture", capture], self.folder)
        return self.charger.connect()

    def plug(self):
        self.charger.tell("sim plug")

    def unplug(self):
        self.charger.tell("sim unplug")

    def programs(self):
        return [self.charger] if self.charger else []

    def end(self):
        for program in self.programs():
            program.end(GOODBYE_S)


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
        self.signal = 0         # what ended us, if it was no key

    # -- keys

    def press(self, key):
        act = {"s": self.stop, "e": self.emergency, "u": self.unplug, "i": self.isolation, "l": self.limit, "p": self.plug,
               "q": self.leave}.get(key)
        if act:
            act()

    def stop(self):
        self.view.say("key s: stop, asked at the charger")
        self.world.charger.tell("stop")

    def emergency(self):
        self.view.say("key e: emergency stop")
        self.world.charger.tell("stop emergency")

    def unplug(self):
        self.view.say("key u: the connector is pulled")
        self.world.unplug()
        self.unplugged = True

    def isolation(self):
        self.view.say(f"key i: insulation falls to {FAULT_OHM // 1000} kOhm")
        self.world.charger.tell(f"sim isolation {FAULT_OHM}")

    def limit(self):
        self.limited = not self.limited
        self.view.say(f"key l: the site allows {f'{LIMIT_MA // 1000} A' if self.limited else 'what the hardware can'}")
        self.world.charger.tell(f"limits mA={LIMIT_MA}" if self.limited else "limits site")

    def plug(self):
        if self.active:
            self.view.say("key p: a car is plugged in and charging (u pulls the connector)")
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
        self.quit = True

    def on_signal(self, number, _frame):
        """The first ends the charge in order, as q does; a second one does not wait for that."""
        if self.quit:
            sys.exit(128 + number)
        if number == signal.SIGHUP:  # nobody is there to read
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in range(3):
                os.dup2(nowhere, stream)
        self.signal = number
        self.leave()

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
    if files:
        print(f"Read it:  {near(os.path.join(BIN, 'ccs-dump'))} pcap {near(files[-1])}")
        print(f"     or:  wireshark {near(files[-1])}")
    return 0 if demo.charges and files else 1


def arguments():
    options = argparse.ArgumentParser(prog="script/demo", description="A whole DC charge to be watched.")
    options.add_argument("--script", nargs="?", const=DEFAULT_KEYS, metavar="KEYS",
                         help=f"without a terminal; default: {DEFAULT_KEYS!r}")
    options.add_argument("--in-process", action="store_true", help="charger and car in one process on a simulated link")
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


def main():
    given = arguments()
    folder = os.path.join(CALLED_FROM, given.folder, time.strftime("%Y%m%d-%H%M%S"))
    os.makedirs(folder, exist_ok=True)
    try:
        keys = Script(given.script or DEFAULT_KEYS)
    except ValueError as wrong:
        print(f"demo: --script: {wrong}", file=sys.stderr)
        return 2
    world = OneProcess(folder) if given.in_process else Wire(folder)
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
