#!/usr/bin/env python3
"""The rules of the house (docs/DESIGN.md), as tables, and the check that every file obeys them.

    tools/check_floors.py [--root DIR] [--list]

Prints one line per violation, `path:line: rule: what`, and ends with 1 if there is any. Reads text only: needs no build, takes a
second. What the text cannot show (a call into the C library that a macro hides, a writable table) is seen in the object files by
tools/check_objects.py.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import os
import re
import sys

# Room of src/ -> (floor, rooms it may include besides its own and include/ccs). Imports go down only.
SRC = {
    "base": (0, ""),
    "exi": (1, "base"),
    "v2gtp": (1, "base"),
    "mme": (1, "base"),
    "tls": (1, "base"),
    "qca7000": (2, "base mme"),  # its start-up speaks to the modem's firmware
    "sdp": (2, "base v2gtp"),  # an SDP message is a V2GTP message
    "messages": (2, "base exi"),
    "guard": (3, "base"),
    "slac": (3, "base mme"),
    "charge": (3, "base"),
    "vehicle": (3, "base"),
    "pki": (3, "base exi messages"),
    "session": (4, "base exi v2gtp messages charge vehicle"),
    "din": (5, "base exi messages charge vehicle session"),
    "iso2": (5, "base exi messages charge vehicle session pki"),
    "iso20": (5, "base exi messages charge vehicle session pki"),
    "secc": (6, "base exi v2gtp sdp mme tls messages slac charge pki session din iso2 iso20"),
    "ev": (6, "base exi v2gtp sdp mme tls messages slac charge vehicle pki session din iso2 iso20"),
}

# Folders outside src/ -> (rooms of src/ they may include, other folders they may include). The longest matching prefix counts.
# `*` is everything. What a room needs of the core it gets through include/ccs; what is named here is pure (bytes, messages, names).
OUTSIDE = {
    "include/ccs": ("", ""),
    "ports/common": ("base exi v2gtp sdp mme messages", "ports/common"),
    "ports/common/store": ("base pki", "ports/common"),
    "ports/common/console": ("base pki", "ports/common"),
    "ports": ("base mme qca7000 tls pki", "ports/common"),
    "sim": ("base mme qca7000 slac", "sim"),
    "apps": ("base exi v2gtp sdp mme messages vehicle pki qca7000", "ports sim"),
    "examples": ("", "ports sim"),
    "firmware": ("base", "ports"),
    "images": ("base exi messages mme pki qca7000 slac tls", "ports sim"),
    "bench": ("*", "*"),
    "fuzz": ("*", "*"),
    "tests": ("*", "*"),
    "script": ("*", "*"),
}

# src/ knows nothing of a system: everything else (sockets, TLS, ESP-IDF, allocators, clocks, stdio) is refused by not being here.
SRC_SYSTEM = set("assert.h limits.h stdbool.h stddef.h stdint.h string.h".split())  # assert.h: static_assert; assert() is banned
PUBLIC_SYSTEM = set("stdbool.h stddef.h stdint.h".split())
SYSTEM_ALLOWED = {  # single files that may include more, and why
    "src/base/assert.h": {"stdlib.h"},  # abort(), the default reaction to a fault of our own
}

# Calls that are banned, by place. A name counts when a parenthesis follows and it is not a member.
ALLOCATION = "malloc calloc realloc reallocarray free alloca aligned_alloc strdup strndup"
OUTPUT = "printf fprintf sprintf snprintf vprintf vfprintf vsprintf vsnprintf puts fputs putchar perror"
TIME = "time clock clock_gettime gettimeofday nanosleep usleep sleep localtime gmtime localtime_r gmtime_r mktime"
UNBOUNDED = "gets strcpy strcat sprintf vsprintf strtok stpcpy scanf"
SCANNING = "sscanf fscanf"
HIDDEN_STATE = "rand srand random srandom getenv setenv setlocale signal setjmp longjmp errno"
NUMBERS_UNCHECKED = "atoi atol atoll atof"
PROCESS = "assert exit abort"
HOST = "rand srand setjmp longjmp system popen tmpnam mktemp strncpy strncat alloca"  # what programs and ports do without as well
BANNED = {
    "src": " ".join([ALLOCATION, OUTPUT, TIME, UNBOUNDED, SCANNING, HIDDEN_STATE, NUMBERS_UNCHECKED, PROCESS, "strncpy strncat"]),
    "include/ccs": " ".join([ALLOCATION, OUTPUT, TIME, UNBOUNDED, SCANNING, HIDDEN_STATE, PROCESS]),
    "ports": " ".join([UNBOUNDED, NUMBERS_UNCHECKED, HOST]),
    "sim": " ".join([UNBOUNDED, NUMBERS_UNCHECKED, TIME, "malloc calloc realloc rand srand system popen alloca"]),
    "apps": " ".join([UNBOUNDED, NUMBERS_UNCHECKED, HOST]),
    "examples": UNBOUNDED,
    "firmware": UNBOUNDED,
}
BANNED_ALLOWED = {"src/base/assert.h": {"abort"}}

SOURCES = (".c", ".h")
TEXTS = SOURCES + (".py", ".sh", ".cmake", ".txt")
GENERATED = ("src/messages/",)  # columns follow the schema's own names
SKIPPED = {"build", ".git", "__pycache__"}
COLUMNS_MAX = {".c": 132, ".h": 132}  # what clang-format keeps to
COLUMNS_MAX_ELSE = 152

TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.]*|\.\.\.|->|[^\s\w]")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
FOR_CPLUSPLUS = re.compile(r"^[ \t]*#[ \t]*ifdef __cplusplus\b.*?^[ \t]*#[ \t]*endif", re.M | re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.M)
FLOATING = re.compile(r"^\d+\.\d*|^\d+[eE]\d")


class Report:
    def __init__(self):
        self.lines = []

    def __call__(self, path, line, rule, what):
        self.lines.append(f"{path}:{line}: {rule}: {what}")


def blank(match):
    """Comments become spaces, texts become "" of the same length: lines and columns stay."""
    text = match.group(0)
    kept = re.sub(r"[^\n]", " ", text)
    return kept if text.startswith("/") else '"' + kept[1:-1] + '"'


def code_of(text):
    return COMMENT_OR_TEXT.sub(blank, text)


def without_directives(code):
    """Code as the C compiler's parser sees it, but for macros: no # lines, no extern "C"."""
    def erase(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    return DIRECTIVE.sub(erase, FOR_CPLUSPLUS.sub(erase, code))


def tokens_of(code):
    """[(token, line)] of code without comments."""
    found, line, last = [], 1, 0
    for match in TOKEN.finditer(code):
        line += code.count("\n", last, match.start())
        last = match.start()
        found.append((match.group(0), line))
    return found


def longest_prefix(table, path):
    """The entry of a table of folders that path lies in; None: in none."""
    fits = [folder for folder in table if path == folder or path.startswith(folder + "/")]
    return max(fits, key=len) if fits else None


# ---- includes: imports go down only

def room_of_src(path):
    parts = path.split("/")
    return parts[1] if parts[0] == "src" and len(parts) > 2 else None


def check_src_import(report, path, line, room, target):
    floor, allowed = SRC[room]
    if target == room or target in allowed.split():
        return
    if SRC[target][0] >= floor:
        above = SRC[target][0]
        report(path, line, "floor", f"src/{room} (floor {floor}) includes src/{target} (floor {above}): imports go down only")
    else:
        report(path, line, "room", f"src/{room} may not include src/{target}; it may include: {allowed or 'nothing'}")


def check_outside_import(report, path, line, folder, target):
    allowed = OUTSIDE[folder][0]
    if allowed != "*" and target not in allowed.split():
        report(path, line, "room", f"{folder} may not include src/{target}; it goes through include/ccs or: {allowed or 'nothing'}")


def check_folder_import(report, path, line, name):
    """An include of "ports/..", "sim/.." and so on."""
    target = longest_prefix(OUTSIDE, name)
    room = room_of_src(path)
    if room:
        report(path, line, "floor", f"src/{room} includes {name}: src/ stands below everything else")
        return
    folder = longest_prefix(OUTSIDE, path)
    allowed = OUTSIDE[folder][1] if folder else "*"
    own = folder and (target == folder or name.startswith(os.path.dirname(path) + "/"))
    if own or allowed == "*" or any(target == word or target.startswith(word + "/") for word in allowed.split()):
        return
    report(path, line, "room", f"{folder} may not include {name}; it may include: {allowed or 'nothing'}")


def check_system_include(report, path, line, name):
    if path.startswith("src/"):
        allowed = SRC_SYSTEM | SYSTEM_ALLOWED.get(path, set())
    elif path.startswith("include/ccs/"):
        allowed = PUBLIC_SYSTEM
    else:
        return
    if name not in allowed:
        report(path, line, "system", f"<{name}>: src/ and include/ccs know no system; allowed: {' '.join(sorted(allowed))}")


def check_quoted_include(report, path, line, name):
    first = name.split("/")[0]
    if "/" not in name:
        return  # a neighbour in the same folder
    if ".." in name.split("/"):
        report(path, line, "include", f'"{name}": name the room, not the way there')
    elif first == "ccs":
        return
    elif first in SRC:
        room = room_of_src(path)
        folder = longest_prefix(OUTSIDE, path)
        if room:
            check_src_import(report, path, line, room, first)
        elif folder:
            check_outside_import(report, path, line, folder, first)
    elif longest_prefix(OUTSIDE, name):
        check_folder_import(report, path, line, name)


def check_includes(report, path, text):
    for match in INCLUDE.finditer(text):
        line = text.count("\n", 0, match.start(2)) + 1
        kind, name = match.groups()
        of_a_system = kind == "<" and not name.startswith("ccs/")
        (check_system_include if of_a_system else check_quoted_include)(report, path, line, name)


# ---- state: no variables but const tables

def declarations(tokens):
    """File-scope declarations as token lists, initialisers and bodies left out, each with the line it begins on. A function's body
    ends its declaration; a struct's or enum's braces do not."""
    current, depth, initialiser = [], 0, False
    for token, line in tokens:
        if token == "{":
            depth += 1
            if depth == 1:
                current.append(("{}", line))
        elif token == "}":
            depth -= 1
            if depth == 0 and ends_here(current, initialiser):
                current = []
        elif depth == 0:
            if token == ";":
                yield current
                current, initialiser = [], False
            elif token == "=":
                initialiser = True
            elif not initialiser:
                current.append((token, line))


def ends_here(current, initialiser):
    """True behind the body of a function."""
    words = [token for token, _ in current]
    return not initialiser and len(words) > 1 and words[-2] == ")"


def is_variable(words):
    if not words or words[0] in ("typedef", "_Static_assert", "static_assert"):
        return False
    if "(" in words:
        return bool(re.search(r"\( \* (const )?\w+( \[.*?\])? \)", " ".join(words)))  # a pointer to a function
    if words[0] in ("struct", "union", "enum") or words[:2] in (["static", "struct"], ["static", "enum"], ["static", "union"]):
        return words[-1] != "{}" and len([word for word in words if word.isidentifier()]) > 2
    return len([word for word in words if word.isidentifier()]) > 1


def is_const(words):
    """The object itself is const: behind the last star where there is one."""
    if "(" in words:
        return "( * const" in " ".join(words)  # a table of functions
    if "*" not in words:
        return "const" in words
    last = len(words) - 1 - words[::-1].index("*")
    return "const" in words[last:]


def check_state(report, path, tokens):
    for declaration in declarations(tokens):
        words = [token for token, _ in declaration]
        if is_variable(words) and not is_const(words):
            report(path, declaration[0][1], "state", f"file-scope variable `{' '.join(words)}` is not const")
    check_locals(report, path, tokens)


def check_locals(report, path, tokens):
    """A static inside a function is a const table or a fault."""
    depth = 0
    for index, (token, line) in enumerate(tokens):
        depth += (token == "{") - (token == "}")
        if token == "static" and depth > 0:
            words = [word for word, _ in tokens[index:index + 40]]
            end = min(words.index(stop) for stop in ("=", ";", "{") if stop in words)
            if not is_const(words[:end]):
                text = " ".join(words[:end])
                report(path, line, "state", f"`{text}` inside a function is not const: state belongs to the caller")


# ---- words

def check_numbers(report, path, tokens):
    for token, line in tokens:
        if token in ("float", "double") or (FLOATING.match(token) and not token.lower().startswith("0x")):
            report(path, line, "float", f"`{token}`: integers inside (mV, mA, W, Wh, ms)")


def check_banned(report, path, tokens):
    place = longest_prefix(BANNED, path)
    if not place:
        return
    banned = set(BANNED[place].split()) - BANNED_ALLOWED.get(path, set())
    for index, (token, line) in enumerate(tokens):
        before = tokens[index - 1][0] if index else ""
        after = tokens[index + 1][0] if index + 1 < len(tokens) else ""
        if token in banned and after == "(" and before not in (".", "->", "*"):
            report(path, line, "banned", f"{token}() is not for {place}")


def check_licence(report, path, text):
    if text.count("\n") > 3 and "SPDX-License-Identifier: Apache-2.0" not in text[:4000]:
        report(path, 1, "licence", "no SPDX-License-Identifier: Apache-2.0 in the opening comment")


def check_layout(report, path, text):
    if path.startswith(GENERATED):
        return
    for number, line in enumerate(text.split("\n"), 1):
        most = COLUMNS_MAX.get(os.path.splitext(path)[1], COLUMNS_MAX_ELSE)
        if len(line) > most:
            report(path, number, "columns", f"{len(line)} columns; at most {most}")
        if line != line.rstrip():
            report(path, number, "blanks", "blanks at the end of the line")
        if "\t" in line and path.endswith(SOURCES):
            report(path, number, "blanks", "a tab; indent by four blanks")


# ---- rooms as CMake knows them

ROOM_LINE = re.compile(r"ccs_room\(([^)]*)\)")


def check_room_line(report, path, text):
    """ccs_room(NAME below ...) names no room that the table does not allow."""
    room = room_of_src(path)
    for match in ROOM_LINE.finditer(text):
        for target in match.group(1).split()[1:]:
            if room in SRC and target in SRC:
                check_src_import(report, path, text.count("\n", 0, match.start()) + 1, room, target)


def check_source(report, path, text):
    code = code_of(text)
    tokens = tokens_of(without_directives(code))
    check_includes(report, path, text)
    check_banned(report, path, tokens_of(code))
    room = room_of_src(path)
    if path.startswith("src/") and room not in SRC:
        report(path, 1, "room", "not a room of the house (table SRC)")
    if path.startswith(("src/", "include/ccs/")):
        check_state(report, path, tokens)
        check_numbers(report, path, tokens)
    elif not longest_prefix(OUTSIDE, path):
        report(path, 1, "room", "C outside every folder of the table OUTSIDE")


def check_file(report, root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        text = file.read()
    check_licence(report, path, text)
    check_layout(report, path, text)
    if path.endswith(SOURCES):
        check_source(report, path, text)
    if path.endswith("CMakeLists.txt"):
        check_room_line(report, path, text)


def files_of(root):
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        for name in sorted(names):
            path = os.path.relpath(os.path.join(folder, name), root)
            if name.endswith(TEXTS) and (name.endswith(SOURCES + (".py", ".sh", ".cmake")) or name == "CMakeLists.txt"):
                yield path


def print_tables():
    for room, (floor, allowed) in sorted(SRC.items(), key=lambda item: (item[1][0], item[0])):
        print(f"{floor} src/{room:<10} {allowed or '-'}")
    for folder, (rooms, folders) in OUTSIDE.items():
        print(f"  {folder:<14} src: {rooms or '-'}; folders: {folders or '-'}")


def main():
    options = argparse.ArgumentParser(description="Floors and rules of the house.")
    options.add_argument("--root", default=os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    options.add_argument("--list", action="store_true", help="print the tables and end")
    given = options.parse_args()
    if given.list:
        print_tables()
        return 0
    report, count = Report(), 0
    for path in files_of(given.root):
        check_file(report, given.root, path)
        count += 1
    for line in report.lines:
        print(line)
    print(f"floors: {count} files, {len(report.lines)} violations", file=sys.stderr)
    return 1 if report.lines else 0


if __name__ == "__main__":
    sys.exit(main())
