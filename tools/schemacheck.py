#!/usr/bin/env python3
"""Proves that our notation (schema/*.schema) and the standards' XML schemas mean the same EXI grammars.

    schemacheck.py [--verbose] [--set NAME]... [--schema FOLDER] DIR

DIR holds the XSD files: as sap/ din/ iso2/ iso20/, or as the PyPI package iso15118 keeps them (its folder, or its shared/schemas).
Both sides are walked together from every root of a set, a pair of states at a time, until no new pair turns up: production by
production (kind, name, order), the width of the event code, the type or coding behind it (ranges, lengths, enumerations in order)
and which strings share a string table. Lists are counted item by item to their maxOccurs. Our side is what tools/exigen.py makes of
the notation, the other side comes from tools/xsdgrammar.py, which knows nothing of it. Then the generated rows themselves are walked
beside the grammar, bit by bit (tools/exirows.py). What our codec refuses (the content of a
wildcard or of an abstract element, untyped text) must have its event code, and is not followed.

--verbose prints a line per type with the number of its states, and the roots and types of the XSD that the notation leaves out.
Ends with 0: the same; 1: differences, each printed; 2: the XSD files are not there or cannot be read.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import os
import re
import sys

import existructs
import exitables
from exirows import Rows
from exinotation import UNBOUNDED, Notation, NotationError
from xsdgrammar import Complex, Coding, Grammar, Schema, SchemaError, bits_for

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT_FILES = {  # set -> where its root schema may lie below DIR
    "sap": ["sap/V2G_CI_AppProtocol.xsd", "V2G_CI_AppProtocol.xsd"],
    "din": ["din/V2G_CI_MsgDef.xsd", "din_spec/V2G_CI_MsgDef.xsd"],
    "iso2": ["iso2/V2G_CI_MsgDef.xsd", "iso15118_2/V2G_CI_MsgDef.xsd"],
    "iso20": ["iso20/V2G_CI_CommonMessages.xsd", "iso15118_20/V2G_CI_CommonMessages.xsd"],
    "iso20-dc": ["iso20/V2G_CI_DC.xsd", "iso15118_20/V2G_CI_DC.xsd"],
    "xmldsig": ["iso2/xmldsig-core-schema.xsd", "xmldsig-core-schema.xsd"],
}
LAYOUTS = ["", "shared/schemas", "iso15118/shared/schemas"]


def root_file(folder, name):
    for layout in LAYOUTS:
        for place in ROOT_FILES[name]:
            path = os.path.join(folder, layout, place)
            if os.path.exists(path):
                return path
    raise SchemaError(f"{folder}: no {' or '.join(ROOT_FILES[name])}")


# ---------------------------------------------------------------- our side

class Ours:
    """The states of a type of the notation: (particle, how many of it are behind). Widths are exigen's own."""

    def __init__(self, kind):
        self.kind, self.start = kind, (0, 0)

    def next(self, index, taken):
        return (index + 1, 0) if taken == self.kind.particles[index].maximum else (index, taken)

    def one(self, index, particle, taken):
        """Productions of one particle; each as (kind, name, particle that holds value or type, next state)."""
        to = self.next(index, taken)
        if particle.is_choice:
            return [("SE(*)", "", one, None) if one.any else ("SE", one.name, one, to) for one in particle.alternatives]
        if particle.any:
            return [("SE(*)", "", particle, None)]
        if particle.text:
            return [("CH", "", particle, to)]
        return [("AT" if particle.attribute else "SE", particle.name, particle, to)]

    def productions(self, state):
        start, behind = state
        found, until = [], None
        for index, particle in enumerate(self.kind.particles[start:], start):
            taken = behind if index == start else 0
            if particle.along and index > start:
                continue
            # Of unbounded lists all further items are alike.
            found += self.one(index, particle, 1 if particle.maximum == UNBOUNDED else taken + 1)
            if taken:
                continue
            until = until or particle.otherwise
            if particle.required or (until and particle.name == until):
                return found + self.untyped(particle)
        return found + [("EE", "", None, None)] + self.untyped(None)

    def untyped(self, particle):
        awaits_attribute = particle is not None and particle.attribute
        return [("untyped CH", "", None, None)] if self.kind.mixed and not awaits_attribute else []

    def width(self, state):
        """As exigen's rows have it: state() before a particle, list() and choice() between two items."""
        index, taken = state
        if taken:
            productions = existructs.codes_of(self.kind.particles[index]) + existructs.state(self.kind, index + 1)[0]
            return existructs.code_width(productions + self.kind.mixed)
        return existructs.state(self.kind, index)[1]


def coding_of(value):
    """Our value as the other side says it."""
    if value.kind == "bool":
        return Coding("bit")
    if value.kind == "enum":
        return Coding("enum", names=value.enum.values)
    if value.kind == "integer":
        return Coding("signed")
    if value.is_number():
        narrow = value.high - value.low < 4096
        return Coding("n-bit" if narrow else "unsigned" if value.kind.startswith("u") else "signed", value.low, value.high)
    return Coding(value.kind, value.low, None if value.high == UNBOUNDED else value.high)


def generated_sets(rows):
    """{set: (root width, fragment width, code that ends a fragment)} as rows.c says it."""
    found = re.findall(r'const exi_set_t exi_\w+ = \{"([^"]+)",[^}]*?, (\d+), (\d+), (\d+)\};', rows)
    return {name: tuple(int(number) for number in numbers) for name, *numbers in found}


# ---------------------------------------------------------------- both together

class Check:
    """One set."""

    def __init__(self, name, file, schema, widths, relaxed):
        self.name, self.file, self.schema, self.widths, self.relaxed = name, file, schema, widths, relaxed
        self.places = 0  # of rows, with the grammar's state there
        self.differences, self.states = [], {}  # states: (notation type, XSD type) -> pairs of states seen
        self.labels, self.queue = {}, []
        self.tables = {}, {}  # string tables: name in the XSD -> ours, and back

    def differ(self, where, what, expected, ours):
        self.differences.append(f"{self.name}: {where}: {what}\n    XSD:  {expected}\n    ours: {ours}")

    def equal(self, where, what, expected, ours):
        if expected != ours:
            self.differ(where, what, expected, ours)
        return expected == ours

    def run(self):
        self.documents()
        self.fragments()
        while self.queue:
            self.walk(*self.queue.pop())

    def rows(self, tables):
        """What is generated, bit by bit, from every root."""
        rows, (messages, fragments) = Rows(self.schema, tables), exitables.set_roots(self.file, tables)
        roots, names = self.schema.roots(), self.schema.fragments()
        for code, slot in messages:
            if code < len(roots):
                rows.root(slot, roots[code])
        for code, slot in fragments:
            if code < len(names):
                rows.root(slot, names[code][1][0])
        self.places = rows.places
        self.differences += [f"{self.name}: {line}" for line in rows.differences]
        return rows

    # ---- roots

    def documents(self):
        roots = self.schema.roots()
        where = "document grammar"
        self.equal(where, "number of global elements", len(roots), self.file.documents)
        self.equal(where, "width of the event code", bits_for(len(roots) + 1), self.widths[0])
        for code, element, kind in self.file.roots:
            expected = roots[code].name if code < len(roots) else "nothing"
            if self.equal(where, f"event code {code}", expected, element):
                self.pair(f"root {element}", roots[code], kind)

    def fragments(self):
        names = self.schema.fragments()
        where, count = "fragment grammar", len(names)
        self.equal(where, "number of element names", count, self.file.fragments)
        self.equal(where, "width of the event code", bits_for(count + 2), self.widths[1])
        self.equal(where, "event code of its end", count + 1, self.widths[2])
        for code, element, kind, relaxed in self.file.fragment_roots:
            expected = names[code][0][0] if code < count else "nothing"
            if not self.equal(where, f"event code {code}", expected, element):
                continue
            declarations = names[code][1]
            ambiguous = self.schema.is_relaxed(declarations)
            self.equal(f"fragment {element}", "relaxed grammar", ambiguous, bool(relaxed))
            if ambiguous and relaxed:
                self.relaxed_fragment(element, kind)
            for one in declarations if not ambiguous else self.like(declarations, kind):
                self.pair(f"fragment {element}", one, kind)

    def like(self, declarations, kind):
        """Of the declarations that differ, one whose type reads as ours: the content of a relaxed fragment is that type's."""
        fitting = [one for one in declarations if self.trial(one, kind)]
        if not fitting:
            self.differ(f"fragment of type {kind.name}", "type", [self.label(self.schema.find(one.type)) for one in declarations], kind.name)
        return fitting[:1]

    def trial(self, element, kind):
        other = Check(self.name, self.file, self.schema, self.widths, self.relaxed)
        other.pair("trial", element, kind)
        while other.queue:
            other.walk(*other.queue.pop())
        return not other.differences

    def relaxed_fragment(self, element, kind):
        """EXI 8.5.3: AT of every name, AT(*), SE of every name, SE(*), EE, untyped CH; behind the text the same without attributes."""
        names, attributes = len(self.schema.fragments()), self.schema.attribute_names()
        own = [number for number, (name, space) in enumerate(attributes) if (name, space) == ("Id", kind.namespace)]
        first, second = len(attributes) + 1 + names + 3, names + 3
        expected = [(bits_for(first + 1), own[0] if own else None), (bits_for(first + 1), first - 1), (bits_for(second + 1), second - 2)]
        self.equal(f"fragment {element}", "widths and codes of its attribute, text and end", expected, self.relaxed.get(kind))

    # ---- types

    def label(self, kind):
        return kind.label if hasattr(kind, "label") else kind[1]

    def pair(self, where, element, kind):
        """An element of the XSD and the type that we give it."""
        found = self.schema.find(element.type)
        if not isinstance(found, Complex):
            self.differ(where, "type", f"the simple type {self.label(found)}", f"type {kind.name}")
        elif (kind, found) not in self.states:
            self.states[kind, found] = set()
            self.labels[kind, found] = f"{kind.owner.name}.{kind.name}" + f" = {self.label(found)}"
            self.queue.append((kind, found))

    def walk(self, kind, found):
        """All pairs of states of a pair of types."""
        grammar, ours = Grammar(self.schema, found), Ours(kind)
        seen, ahead = self.states[kind, found], [(grammar.start, ours.start, "start")]
        while ahead:
            state, own, label = ahead.pop()
            if (state, own) in seen:
                continue
            seen.add((state, own))
            ahead += self.state(kind, found, grammar, ours, state, own, label)

    def state(self, kind, found, grammar, ours, state, own, label):
        """Compares a state; returns those that it leads to."""
        where = f"{self.labels[kind, found]}, {label}"
        expected = grammar.productions(state)
        given = self.given(ours, state, own)
        texts = [str(one) for one in expected], [f"{one[0]}({one[1]})" if one[1] else one[0] for one in given]
        if not self.equal(where, "productions", *(" ".join(f"{code}={text}" for code, text in enumerate(side)) for side in texts)):
            return []
        width = 1 if state[1] == Grammar.END else ours.width(own)
        self.equal(where, "width of the event code", grammar.width(expected), width)
        ahead = []
        for one, (_, name, particle, to) in zip(expected, given):
            if particle is not None:
                self.content(f"{where}, {one}", kind, one, particle)
            if to is not None:
                ahead.append((one.to, to, f"after {'@' if one.kind == 'AT' else ''}{name or one}"))
        return ahead

    @staticmethod
    def given(ours, state, own):
        """Behind the text of a simple content both sides have nothing but EE; ours has no state of its own for that."""
        return [("EE", "", None, None)] if state[1] == Grammar.END else ours.productions(own)

    def content(self, where, kind, expected, particle):
        """What stands behind a production: a wildcard, a value or a type."""
        if expected.kind == "SE(*)":
            return
        if expected.kind == "CH":
            self.value(where, kind, expected.what, None, particle)
            return
        if expected.kind == "SE" and not self.abstract(where, expected.what, particle):
            return
        if particle.never:
            return
        found = self.schema.find(expected.what.type)
        if not isinstance(found, Complex):
            self.value(where, kind, found, expected.what, particle)
        elif particle.type is None:
            self.differ(where, "type", self.label(found), "a value")
        else:
            self.pair(where, expected.what, particle.type)

    def abstract(self, where, element, particle):
        """An abstract element is `abstract` where its type is empty, else `never`: its content is not told in the notation."""
        kind = self.schema.find(element.type)
        grammar = Grammar(self.schema, kind)
        empty = [one.kind for one in grammar.productions(grammar.start)] == ["EE"]
        expected = ("abstract" if empty else "never") if self.schema.is_abstract(element) else "a type or value"
        own = "abstract" if getattr(particle, "abstract", empty and particle.never) else "never" if particle.never else "a type or value"
        return self.equal(where, "whether it may be sent", expected, own)

    def value(self, where, kind, simple, named, particle):
        if particle.value is None:
            self.differ(where, "type", self.label(simple), f"type {particle.type.name if particle.type else 'none'}")
            return
        coding, ours = self.schema.coding(simple), coding_of(particle.value)
        if not self.equal(where, "coding", str(coding), str(ours)) or coding.form != "string" or named is None:
            return
        qualified = kind.owner.qualified or not particle.attribute
        self.string_table(where, named.qname, (particle.name, kind.namespace if qualified else ""))

    def string_table(self, where, expected, ours):
        """Which strings share a table is the grammar's matter; what we call the table is not."""
        there, back = self.tables
        self.equal(where, "string table", (expected, ours), (back.setdefault(ours, expected), there.setdefault(expected, ours)))

    # ---- what is left out

    def unreached(self):
        """Types of the notation's own file that no root leads to."""
        reached = {kind for kind, _ in self.states}
        return [kind for kind in self.file.types.values() if kind not in reached]

    def left_out(self):
        """Roots and named types of the XSD that are not compared: the notation takes no message or fragment that has them."""
        taken, seen = {element for _, element, _ in self.file.roots}, {id(found) for _, found in self.states}
        roots = [one.name for one in self.schema.roots() if one.name not in taken]
        return roots, sorted(kind.label for kind in self.schema.types.values() if isinstance(kind, Complex) and id(kind) not in seen)


def report(check, verbose):
    by_label = {}
    for pair, states in check.states.items():
        by_label.setdefault(check.labels[pair], set()).update(states)
    faulty = {label for label in by_label for line in check.differences if line.startswith(f"{check.name}: {label},")}
    if verbose:
        for label in sorted(by_label):
            print(f"{check.name}: {label}: {'DIFFERS' if label in faulty else 'ok'}, {len(by_label[label])} states")
        roots, types = check.left_out()
        print(f"{check.name}: left out, roots: {' '.join(roots) or 'none'}")
        print(f"{check.name}: left out, types: {' '.join(types) or 'none'}")
    for line in check.differences:
        print(line)
    states = sum(len(states) for states in by_label.values())
    print(f"{check.name}: {len(by_label)} types, {states} states, {len(check.file.roots)} roots, {len(check.file.fragment_roots)} fragments, "
          f"{check.places} places in rows: {'the same' if not check.differences else str(len(check.differences)) + ' differences'}")


def checks(options):
    notation = Notation(options.schema)
    tables = exitables.Tables(existructs.Uses(notation))
    widths = generated_sets(exitables.rows_file(notation, tables))
    reached, found = set(), []
    for file in notation.sets:
        if options.set and file.set not in options.set:
            continue
        relaxed = {kind.name: literals for (kind, literals) in
                   ((program.kind, program.literals) for program in tables.programs if program.mode == "relaxed")}
        by_type = {kind: relaxed[kind.name] for _, _, kind, is_relaxed in file.fragment_roots if is_relaxed and kind.name in relaxed}
        check = Check(file.set, file, Schema(root_file(options.folder, file.set)), widths[file.set], by_type)
        check.run()
        check.rows(tables)
        reached |= {kind for kind, _ in check.states}
        found.append(check)
    if not options.set:
        add_unreached(notation, reached, found)
    return found


def add_unreached(notation, reached, found):
    """A type that no set's roots lead to was compared with nothing."""
    for file in notation.files.values():
        for kind in file.types.values():
            if kind not in reached:
                owner = next((check for check in found if check.file is file), found[0])
                owner.differ(f"{file.name}.{kind.name}", "compared with nothing", "no root leads to it", "a type")


def main():
    options = argparse.ArgumentParser(prog="schemacheck.py", description=__doc__.split("\n\n")[0],
                                      epilog="Ends with 0: the same; 1: differences; 2: no XSD files, or they cannot be read.")
    options.add_argument("--verbose", action="store_true", help="a line per type, and what the notation leaves out")
    options.add_argument("--set", action="append", choices=sorted(ROOT_FILES), help="only this set; may be repeated")
    options.add_argument("--schema", default=os.path.join(ROOT, "schema"), help="folder of the notation (default: schema/)")
    options.add_argument("folder", metavar="DIR", help="folder of the XSD files")
    options = options.parse_args()
    try:
        found = checks(options)
    except SchemaError as error:
        print(f"schemacheck: {error}", file=sys.stderr)
        return 2
    except NotationError as error:
        print(f"schemacheck: the notation cannot be read: {error}")
        return 1
    for check in found:
        report(check, options.verbose)
    return 1 if any(check.differences for check in found) else 0


if __name__ == "__main__":
    sys.exit(main())
