#!/usr/bin/env python3
"""Reads schema/*.schema, our notation of the message grammars (explained at the top of each of these files).

SPDX-License-Identifier: Apache-2.0
"""
import os
import re

UNBOUNDED = 65535
INTEGERS = {f"{'u' if u else ''}int{bits}": ((0, 2**bits - 1) if u else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1))
            for bits in (8, 16, 32, 64) for u in (False, True)}


class NotationError(Exception):
    pass


class Value:
    """A simple type: kind is bool, int8 .. uint64, integer, enum, string, hex or base64; low..high is its range or its length."""

    def __init__(self, kind, low=0, high=0, enum=None):
        self.kind, self.low, self.high, self.enum = kind, low, high, enum

    def is_number(self):
        return self.kind in INTEGERS

    def is_octets(self):
        return self.kind in ("hex", "base64")


class Enum:
    def __init__(self, owner, name):
        self.owner, self.name, self.values = owner, name, []


class Particle:
    """One line of a type. value or type is set, or alternatives (a choice), or neither (any, never, abstract)."""

    def __init__(self, name, mark):
        self.name, self.mark = name, mark
        self.attribute = name.startswith("@")
        self.text = name == "="
        self.any = name == "any"
        self.alternatives = None
        self.value = self.type = None
        self.never = self.any
        self.abstract = False
        self.maximum = 1 if mark in ("", "?") else UNBOUNDED
        self.lazy = False
        self.otherwise = self.along = None  # "else Y" and "with X"
        if self.attribute:
            self.name = name[1:]

    required = property(lambda self: self.mark in ("", "+"))
    is_list = property(lambda self: self.maximum > 1)
    is_choice = property(lambda self: self.alternatives is not None)


class Type:
    def __init__(self, owner, name, namespace, mixed):
        self.owner, self.name, self.namespace, self.mixed, self.particles = owner, name, namespace, mixed, []


class File:
    """One .schema file: a set of its own or types for other sets."""

    def __init__(self, path):
        self.name = os.path.basename(path)[: -len(".schema")]
        self.set, self.prefix, self.namespace, self.qualified = None, "", "", False
        self.uses, self.words, self.types, self.enums = [], [], {}, {}
        self.documents, self.fragments = None, None  # counts
        self.roots, self.fragment_roots = [], []  # (code, element, type), (code, element, type, (attribute names, own) if relaxed)
        self.lines = []
        self.parse(path)

    def parse(self, path):
        section = None
        with open(path, encoding="utf-8") as text:
            for number, line in enumerate(text, 1):
                body = line.split("#")[0] if line.startswith("#") else line
                words = body.split()
                if not words:
                    continue
                depth = (len(body) - len(body.lstrip(" "))) // 2
                try:
                    section = self.directive(words) if depth == 0 else self.entry(section, depth, words)
                except (NotationError, ValueError, IndexError, KeyError) as error:
                    raise NotationError(f"{path}:{number}: {error}") from error

    def directive(self, words):
        key, rest = words[0], words[1:]
        if key == "prefix":
            self.prefix = rest[0]
        elif key == "set":
            self.set = rest[0]
        elif key == "attributes":
            self.qualified = {"qualified": True, "unqualified": False}[rest[0]]
        elif key == "use":
            self.uses.append(rest[0])
        elif key == "word":
            self.words.append((rest[0], rest[1]))
        elif key == "namespace":
            self.namespace = rest[0]
        elif key == "documents":
            self.documents = int(rest[0])
            return self.roots
        elif key == "fragments":
            self.fragments = int(rest[0])
            return self.fragment_roots
        elif key == "type":
            if rest[0] in self.types:
                raise NotationError(f"type {rest[0]} twice")
            self.types[rest[0]] = Type(self, rest[0], self.namespace, "mixed" in rest[1:])
            return self.types[rest[0]]
        elif key == "enum":
            self.enums[rest[0]] = Enum(self, rest[0])
            return self.enums[rest[0]]
        else:
            raise NotationError(f"unknown word {key}")
        return None

    def entry(self, section, depth, words):
        if isinstance(section, Enum):
            section.values.append(words[0])
        elif isinstance(section, list):
            relaxed = (int(words[4]), int(words[5])) if words[3:4] == ["relaxed"] else None
            section.append((int(words[0]), words[1], words[2], relaxed))
        elif isinstance(section, Type):
            into = section.particles
            for _ in range(depth - 1):
                into = into[-1].alternatives
                if into is None:
                    raise NotationError("deeper line that is not below a choice")
            into.append(self.particle(words))
        else:
            raise NotationError("line outside a type, enum, documents or fragments")
        return section

    def particle(self, words):
        name, rest = words[0], words[1:]
        mark = rest.pop(0) if rest and rest[0] in "?+*" else ""
        particle = Particle(name, mark)
        if name == "choice":
            particle.alternatives = []
            particle.name = rest.pop(0) if rest and rest[0] not in ("max", "lazy") else None
        elif not particle.any:
            self.set_type(particle, rest)
        while rest:
            option = rest.pop(0)
            if option == "max":
                particle.maximum = int(rest.pop(0))
            elif option == "lazy":
                particle.lazy = True
            elif option == "else":
                particle.otherwise = rest.pop(0)
            elif option == "with":
                particle.along = rest.pop(0)
            else:
                raise NotationError(f"unknown option {option}")
        return particle

    def set_type(self, particle, rest):
        kind = rest.pop(0)
        span = rest.pop(0) if rest and re.fullmatch(r"-?\d*(\.\.-?\d*)?", rest[0]) and kind != "enum" else None
        if kind in INTEGERS:
            low, high = span.split("..") if span else INTEGERS[kind]
            particle.value = Value(kind, int(low), int(high))
        elif kind in ("string", "hex", "base64"):
            low, high = (span.split("..") if ".." in span else (span, span)) if span else ("", "")
            particle.value = Value(kind, int(low or 0), int(high) if high else UNBOUNDED)
        elif kind in ("bool", "integer"):
            particle.value = Value(kind, 0, 1)
        elif kind == "enum":
            particle.value = Value(kind, enum=rest.pop(0))
        elif kind in ("never", "abstract"):
            particle.never = True
            particle.abstract = kind == "abstract"
        else:
            particle.type = kind


class Notation:
    """All files, names resolved: particle.type is a Type, value.enum an Enum; sets are the files with a set line."""

    def __init__(self, folder):
        names = sorted(f for f in os.listdir(folder) if f.endswith(".schema"))
        self.files = {f[: -len(".schema")]: File(os.path.join(folder, f)) for f in names}
        for file in self.files.values():
            for kind in file.types.values():
                for particle in kind.particles:
                    self.resolve(file, particle)
            file.roots = [(code, element, self.find(file, "types", name)) for code, element, name, _ in file.roots]
            file.fragment_roots = [(code, element, self.find(file, "types", name), relaxed)
                                   for code, element, name, relaxed in file.fragment_roots]
        self.sets = [f for f in self.files.values() if f.set]

    def find(self, file, table, name):
        for owner in [file] + [self.files[use] for use in file.uses]:
            if name in getattr(owner, table):
                return getattr(owner, table)[name]
        raise NotationError(f"{file.name}: {name} is not in its {table}")

    def resolve(self, file, particle):
        if isinstance(particle.type, str):
            particle.type = self.find(file, "types", particle.type)
        if particle.value and isinstance(particle.value.enum, str):
            enum = self.find(file, "enums", particle.value.enum)
            particle.value.enum, particle.value.high = enum, len(enum.values) - 1
        for alternative in particle.alternatives or []:
            self.resolve(file, alternative)


def snake(words, name):
    """The C name of a schema name: EVTargetVoltage -> ev_target_voltage."""
    for plain, spelled in words:
        name = name.replace(plain, spelled)
    name = re.sub(r"[^A-Za-z0-9]+", "_", name)
    name = re.sub(r"([a-z])([A-Z])", r"\1_\2", name)
    name = re.sub(r"([0-9])([A-Z][a-z])", r"\1_\2", name)
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"_+", "_", name).strip("_").lower()
