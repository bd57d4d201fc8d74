"""The world of the demo: our programs, the streams that lead to them, and the cable between them.
SPDX-License-Identifier: Apache-2.0
"""
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CALLED_FROM = os.environ.get("CCS_DEMO_FROM") or os.getcwd()
BIN = os.path.join(CALLED_FROM, os.environ.get("CCS_BIN") or os.path.join(ROOT, "build", "release", "bin"))
PROGRAMS = ("ccs-evse", "ccs-ev", "ccs-demo")
PEERS = os.path.join(ROOT, "tests", "linux")    # what our tests on Linux meet: the power line, and tools of a peer
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


class Place:
    """A network namespace, held open by a process that waits. None stands for the one that we are in."""

    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                       preexec_fn=die_with_parent)
        self.pid = self.holder.pid

    def apart(self):
        """The holder is in a namespace of its own, within a second."""
        own = os.readlink("/proc/self/ns/net")
        for _ in range(100):
            if os.readlink(f"/proc/{self.pid}/ns/net") != own:
                return True
            time.sleep(0.01)
        return False

    def end(self):
        self.holder.stdin.close()
        self.holder.wait()


def argv_in(place, argv):
    return ["nsenter", "-t", str(place.pid), "-n", "--", *argv] if place else argv


def run_in(place, *argv):
    return subprocess.run(argv_in(place, argv), capture_output=True, text=True).returncode == 0


def setting(place, name, value):
    """Of IPv6; one that cannot be written costs a second, not the demo."""
    run_in(place, "sh", "-c", f"echo {value} > /proc/sys/net/ipv6/conf/{name}")


class Cable:
    """A virtual Ethernet cable: one end here, the other in the car's namespace."""

    name = "IPv6 over a virtual cable"
    modem = "none"

    def __init__(self, _):
        self.car = Place()
        self.made = self.car.apart() and all((
            run_in(None, "ip", "link", "set", "lo", "up"), run_in(self.car, "ip", "link", "set", "lo", "up"),
            run_in(None, "ip", "link", "add", CHARGER_IF, "type", "veth", "peer", "name", CAR_IF, "netns", str(self.car.pid)),
            run_in(None, "ip", "link", "set", CHARGER_IF, "up"), run_in(self.car, "ip", "link", "set", CAR_IF, "up")))

    def end(self):
        self.car.end()


class PowerLine:
    """Charger here, car and power line in namespaces of their own. The line is a modem behind each interface: messages of the match
    pass, IPv6 only between modems that hold the same key."""

    name = "modems on a modelled power line"
    modem = "linux"
    HOSTS = ((CHARGER_IF, "modem-evse", "se1:modem-evse:charger"), (CAR_IF, "modem-ev", "ev1:modem-ev"))

    def __init__(self, folder):
        self.car, self.line = Place(), Place()
        self.modems = None
        self.made = self.car.apart() and self.line.apart() and self.cables() and self.start(folder)

    def cables(self):
        return all(self.cable(*ends) for ends in ((None, *self.HOSTS[0]), (self.car, *self.HOSTS[1])))

    def cable(self, place, host, modem, _):
        owner = [] if place is None else ["netns", str(place.pid)]
        made = (run_in(place, "ip", "link", "set", "lo", "up")
                and run_in(None, "ip", "link", "add", host, *owner, "type", "veth", "peer", "name", modem, "netns",
                           str(self.line.pid)))
        setting(place, f"{host}/accept_dad", 0)  # nobody else is there to have our address
        setting(place, f"{host}/dad_transmits", 0)
        setting(self.line, f"{modem}/disable_ipv6", 1)
        made = made and run_in(place, sys.executable, "-B", os.path.join(PEERS, "peer.py"), "plain", host)
        return made and run_in(self.line, "ip", "link", "set", modem, "up") and run_in(place, "ip", "link", "set", host, "up")

    def start(self, folder):
        argv = [sys.executable, "-B", os.path.join(PEERS, "plc_line.py"), *(modem for _, _, modem in self.HOSTS)]
        with open(os.path.join(folder, "line.log"), "wb") as log:
            self.modems = subprocess.Popen(argv_in(self.line, argv), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                           preexec_fn=die_with_parent)
        return True

    def end(self):
        if self.modems:
            self.modems.terminate()
            self.modems.wait()
        self.car.end()
        self.line.end()


class Wire:
    """The world of two programs, and what lies between them."""

    def __init__(self, folder, between):
        self.folder = folder
        self.between = between(folder)
        self.name = "two programs, " + between.name
        self.charger = self.car = None
        if not self.between.made:
            raise RuntimeError(f"{between.name}: cannot be made")

    def start(self):
        capture = os.path.join(self.folder, "captures")
        os.makedirs(capture, exist_ok=True)
        argv = [os.path.join(BIN, "ccs-evse"), "--interface", CHARGER_IF, "--modem", self.between.modem, "--hal", "sim",
                "--control", os.path.join(self.folder, "evse.sock"), "--capture", capture, "--set", "site.state=" + self.folder,
                "--set", "sim.plugged=false"]
        self.charger = Program("ccs-evse", argv, self.folder)
        return self.charger.connect()

    def plug(self):
        self.charger.tell("sim plug")
        if self.car and self.car.running():
            self.car.end(2)
        argv = [os.path.join(BIN, "ccs-ev"), "--interface", CAR_IF, "--modem", self.between.modem, "--protocol", "din", "--control",
                os.path.join(self.folder, "ev.sock"), *CAR]
        self.car = Program("ccs-ev", argv_in(self.between.car, argv), self.folder)
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
        self.between.end()


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
