"""A terminal for a test: a program in a pty of a given size, keys in, the screen as a person sees it out.
SPDX-License-Identifier: Apache-2.0
"""
import fcntl
import os
import pty
import re
import select
import struct
import termios
import time

HOME = "\033[H"
SWITCH = re.compile(r"\033\[\?1049[hl]")
ESCAPE = re.compile(r"\033\[[0-9;?]*[A-Za-z]")


class Terminal:
    """Knows what the demo draws: whole screens, each from the top left corner."""

    def __init__(self, argv, env, rows=24, columns=80):
        self.rows, self.columns = rows, columns
        self.text = ""
        self.code = None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvpe(argv[0], argv, env)

    def read(self, wait_s):
        """False: the program has closed the terminal."""
        if self.fd is None:
            time.sleep(wait_s)
            return False
        if not select.select([self.fd], [], [], wait_s)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # Linux tells the end this way
            return False
        self.text += data.decode(errors="replace")
        return bool(data)

    def screen(self):
        """The last whole screen, as lines; empty before the first."""
        frames = self.text.split(HOME)
        return [] if len(frames) < 3 else ESCAPE.sub("", frames[-2]).replace("\r", "").split("\n")

    def wait(self, pattern, limit_s=30):
        """The first screen with the pattern; fails with the last one."""
        until = time.monotonic() + limit_s
        while time.monotonic() < until:
            alive = self.read(0.1)
            if re.search(pattern, "\n".join(self.screen())):
                return "\n".join(self.screen())
            if not alive:
                break
        raise AssertionError(f"no {pattern!r} within {limit_s} s on:\n" + "\n".join(self.screen()) + "\n" + self.after()[-2000:])

    def press(self, key):
        os.write(self.fd, key.encode())

    def end(self, limit_s=20):
        """Reads until the program ends. The exit code."""
        until = time.monotonic() + limit_s
        while self.code is None and time.monotonic() < until:
            self.read(0.1)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        while self.code is not None and self.read(0):
            pass
        return self.code

    def after(self):
        """What was printed once the screen was given back."""
        return ESCAPE.sub("", SWITCH.split(self.text)[-1]).replace("\r", "")

    def hang_up(self):
        """The window is closed."""
        if self.fd is not None:
            os.close(self.fd)
        self.fd = None

    def kill(self):
        if self.code is None:
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)
        self.hang_up()
