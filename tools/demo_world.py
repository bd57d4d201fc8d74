"""The world of the demo: our programs, the streams that lead to them, and the cable between them.
SPDX-License-Identifier: Apache-2.0
"""
import ctypes
import json
import os
import signal
import socket
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.environ.get("CCS_BIN") or os.path.join(ROOT, "build", "release", "bin")
WATCH_MS = 100
START_S = 10        # a program that has no control socket by then has failed
GOODBYE_S = 8       # within it a running charge ends in order
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
