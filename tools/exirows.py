"""The rows that tools/exigen.py generates, walked bit by bit beside the grammar of the XSD: what the interpreter reads is the grammar.

A row says how many zero bits come first and what follows (src/exi/rows.h). Here the zero bits are spent on the grammar's own events:
each of them must be production 0 of its state, in the width of that state. Where a row is a state, its width and its number of
productions must be those of the grammar's state at this bit, and each code is followed to the row that the interpreter goes on with.
So nothing of exigen's own arithmetic is believed. A slot is walked once for each type that it is used for.
SPDX-License-Identifier: Apache-2.0
"""
from xsdgrammar import Coding, Complex, Grammar

UNBOUNDED = 65535
STATES = {"OPTION", "POINTER", "LIST", "LIST_NEXT", "LAZY_NEXT", "CHOICE", "CHOICES", "CHOICES_NEXT", "ANY"}
NEXT = {"LIST_NEXT", "LAZY_NEXT", "CHOICES_NEXT"}
INTEGERS = {f"{'U' if u else ''}INT{bits}": ("unsigned", 0) if u else ("signed", -(2 ** (bits - 1))) for bits in (16, 32, 64) for u in (0, 1)}
MULTIPLIER, EXPONENT = (-3, 3), (-128, 127)  # of measured values, which are one row


class Mismatch(Exception):
    pass


class Value:
    """On top of the stack: a value is due."""

    def __init__(self, simple):
        self.simple = simple

    def __eq__(self, other):
        return isinstance(other, Value) and self.simple == other.simple

    def __hash__(self):
        return hash(self.simple)


class Rows:
    """All of them, for one set. differences: texts."""

    def __init__(self, schema, tables):
        self.schema, self.tables = schema, tables
        self.grammars, self.done, self.queue, self.differences, self.places = {}, set(), [], [], 0
        self.visited = set()  # (program, number of its row)

    # ---- the grammar's side: a stack of (grammar, state), a Value on top where one is due

    def grammar(self, element):
        kind = self.schema.find(element.type)
        if kind not in self.grammars:
            self.grammars[kind] = Grammar(self.schema, kind)
        return self.grammars[kind]

    @staticmethod
    def productions(stack):
        if not stack or isinstance(stack[-1], Value):
            raise Mismatch("an event where a value or nothing is due")
        grammar, state = stack[-1]
        return grammar.productions(state)

    def take(self, stack, one):
        """The stack after a production."""
        if one.kind in ("SE(*)", "untyped CH"):
            raise Mismatch(f"{one} cannot be read")
        if one.kind == "EE":
            return stack[:-1]
        grammar = stack[-1][0]
        stack = stack[:-1] + ((grammar, one.to),)
        if one.kind == "SE":
            inner = self.grammar(one.what)
            return stack + ((inner, inner.start),)
        return stack + (Value(one.what.type if one.kind == "AT" else one.what),)

    def zeros(self, stack, bits):
        """Spends zero bits on the first production of each state."""
        if bits < 0:
            raise Mismatch("fewer bits than its value has")
        while bits > 0:
            productions = self.productions(stack)
            width = Grammar.width(productions)
            if width > bits:
                raise Mismatch(f"{bits} zero bits left where a state has {width}: {' '.join(map(str, productions))}")
            bits -= width
            stack = self.take(stack, productions[0])
        return stack

    def value(self, stack, coding):
        """The value that is due is coded so."""
        if not stack or not isinstance(stack[-1], Value):
            raise Mismatch("a value where none is due")
        expected = self.schema.coding(stack[-1].simple)
        mine = Coding(expected.form, expected.low, expected.high)  # names of enumerators are not in rows
        if expected.form == "enum":
            mine = Coding("enum", 0, len(expected.names) - 1)
        if mine != coding:
            raise Mismatch(f"coding: XSD {mine}, ours {coding}")
        return stack[:-1]

    # ---- rows that are values

    def short(self, row, stack, bits):
        """n-bit numbers: bool, enumeration or number, as the grammar has it."""
        width = row.m.bit_length()
        stack = self.zeros(stack, bits - width)
        due = self.schema.coding(stack[-1].simple) if stack and isinstance(stack[-1], Value) else None
        if due and due.form == "bit" and (row.n, row.m) == (0, 1):
            return self.value(stack, Coding("bit"))
        if row.kind.startswith("ENUM"):
            return self.value(stack, Coding("enum", row.n, row.n + row.m))
        return self.value(stack, Coding("n-bit", row.n, row.n + row.m))

    def long(self, row):
        if row.kind in INTEGERS:
            form, low = INTEGERS[row.kind]
            return Coding(form, row.n if form == "unsigned" else low, self.tables.limits[row.m])
        if row.kind == "INTEGER":
            return Coding("signed")
        low, high = self.tables.spans[row.m]
        return Coding(self.octets_or_string, low, None if high == UNBOUNDED else high)

    def long_value(self, row, stack, bits):
        stack = self.zeros(stack, bits)
        due = self.schema.coding(stack[-1].simple).form if stack and isinstance(stack[-1], Value) else ""
        forms = {"STRING": ("string",), "OCTETS": ("hex", "base64")}.get(row.kind, ("",))
        self.octets_or_string = due if due in forms else forms[0]
        return self.value(stack, self.long(row))

    def measured(self, row, stack, bits):
        """Multiplier, Unit, Value or Exponent, Value in one row; behind it the EE of the last one is owed."""
        low, high = EXPONENT if row.kind == "RATIONAL" else MULTIPLIER
        width = (high - low).bit_length()
        stack = self.value(self.zeros(stack, bits - width), Coding("n-bit", low, high))
        if row.n != low:
            raise Mismatch(f"{row.kind} begins at {row.n}, not {low}")
        number, unit = Coding("signed", -32768, 32767), Coding("enum", 0, row.m)
        if row.kind == "RATIONAL":
            return self.value(self.zeros(stack, 3), number)
        if row.kind == "PHYSICAL":
            stack = self.value(self.zeros(stack, 3), unit)
            return self.value(self.zeros(stack, 3), number)
        stack = self.zeros(stack, 1)
        with_unit, without = self.codes(stack, 2)
        with_unit = self.value(self.zeros(self.value(self.zeros(with_unit, 1), unit), 3), number)
        if with_unit != self.value(self.zeros(without, 1), number):
            raise Mismatch("the unit changes what follows")
        return with_unit

    def codes(self, stack, count):
        """The stacks after each code of a state that must have so many."""
        productions = [one for one in self.productions(stack) if one.kind != "untyped CH"]
        if len(productions) != count:
            raise Mismatch(f"{count} productions where the XSD has {len(productions)}: {' '.join(map(str, productions))}")
        return [self.take(stack, one) for one in productions]

    # ---- slots

    def child(self, slot, stack):
        """The element on top of the stack is what a slot holds; the stack below it."""
        if not stack or isinstance(stack[-1], Value):
            raise Mismatch("an element where a value or nothing is due")
        program = self.tables.slots[slot][0]
        grammar, state = stack[-1]
        if program.mode not in ("never", "abstract"):
            if state != grammar.start:
                raise Mismatch("a slot in the middle of a type")
            self.queue.append((program, grammar))
        return stack[:-1]

    def run(self, program, grammar):
        """Walks the rows of a program for a type, every place once."""
        if (program, grammar.kind) in self.done:
            return
        self.done.add((program, grammar.kind))
        rows = self.tables.programs[program]
        ahead, seen = [(0, rows[0].bits, 0, ((grammar, grammar.start),))], set()
        while ahead:
            place = ahead.pop()
            if place in seen:
                continue
            seen.add(place)
            self.places += 1
            self.visited.add((program, place[0]))
            try:
                ahead += self.step(rows, *place)
            except Mismatch as mismatch:
                name = getattr(program.kind, "name", "") if program.kind else program.mode
                row = rows[place[0]]
                self.differences.append(f"rows of {name} ({self.label(grammar)}), row {place[0]} {row.kind} {row.name}: {mismatch}")

    @staticmethod
    def label(grammar):
        return grammar.kind.label if hasattr(grammar.kind, "label") else grammar.kind[1]

    # ---- one row: [(row, its zero bits, items taken, stack)] of those that follow

    def step(self, rows, index, bits, taken, stack):
        row = rows[index]
        kind = row.kind.removesuffix("_MORE")
        if kind in STATES:
            return self.state(rows, index, bits, taken, stack)
        if kind == "END":
            if self.zeros(stack, bits):
                raise Mismatch("the type is not at its end")
            return []
        if kind in ("N8", "ENUM", "N16"):
            stack = self.short(row, stack, bits)
        elif kind in ("PHYSICAL", "PHYSICAL_OPTIONAL", "RATIONAL"):
            stack = self.measured(row, stack, bits)
        elif kind in INTEGERS or kind in ("STRING", "OCTETS", "INTEGER"):
            stack = self.long_value(row, stack, bits)
        elif kind == "ZEROS":
            stack = self.zeros(stack, bits)
        elif kind in ("TYPE", "LIST_FIRST", "LAZY_FIRST"):
            stack = self.child(row.m, self.zeros(stack, bits))
            return self.enter(rows, index + 1, stack, taken=0 if kind == "TYPE" else 1)
        else:
            raise Mismatch(f"row kind {kind} is not known to this checker")
        return self.enter(rows, index + 1, stack)

    def enter(self, rows, index, stack, taken=0):
        """A row with all its bits; past a list that is full."""
        row = rows[index]
        if row.kind in ("LIST_NEXT", "LAZY_NEXT"):
            least, most = self.tables.spans[row.k]
            if taken < least:
                raise Mismatch(f"{taken} items where at least {least} are")
            if taken == most:
                return self.enter(rows, index + 1, stack)
            taken = 1 if most == UNBOUNDED else taken
        elif row.kind == "CHOICES_NEXT":
            taken = 1
        else:
            taken = 0
        return [(index, row.bits, taken, stack)]

    def state(self, rows, index, bits, taken, stack):
        """Zero bits until the state's own width is left, then every code."""
        while bits > Grammar.width(self.productions(stack)):
            productions = self.productions(stack)
            bits -= Grammar.width(productions)
            stack = self.take(stack, productions[0])
        productions = self.productions(stack)
        width = Grammar.width(productions)
        if bits != width:
            raise Mismatch(f"width {bits} where the XSD has {width}: {' '.join(map(str, productions))}")
        told = [one for one in productions if one.kind != "untyped CH"]
        if rows[index].n != len(told):
            raise Mismatch(f"{rows[index].n} productions where the XSD has {len(told)}: {' '.join(map(str, told))}")
        return [place for code, one in enumerate(told) for place in self.choose(rows, index, code, taken, stack, one)]

    def choose(self, rows, index, code, taken, stack, one):
        """The row that a code chooses, and what comes behind it."""
        while rows[index].kind in STATES:
            row = rows[index]
            codes = row.k if row.kind in ("CHOICE", "CHOICES", "CHOICES_NEXT") else 1
            if code < codes:
                return self.chosen(rows, index, code, taken, stack, one)
            code -= codes
            index += row.m if row.kind == "OPTION" else 2 if row.kind in ("LIST", "CHOICES") else 1
            taken = 0
        if code > 0:
            raise Mismatch(f"no row for {one}")
        return [(index, rows[index].bits - rows[index].k, 0, self.take(stack, one))]

    def chosen(self, rows, index, code, taken, stack, one):
        row = rows[index]
        slot = row.m + code + (row.kind in ("CHOICES", "CHOICES_NEXT"))
        if row.kind == "ANY" or one.kind == "SE(*)":
            never = row.kind == "ANY" or self.tables.slots[slot][0].mode == "never"
            if one.kind != "SE(*)" or not never:
                raise Mismatch(f"{one} by a row that is {'a wildcard' if never else 'none'}")
            return []
        after = self.take(stack, one)
        if row.kind == "OPTION":
            return self.enter(rows, index + 1, after)
        if one.kind != "SE":
            raise Mismatch(f"{one} by a {row.kind}")
        refused = row.kind.startswith("CHOICE") and self.tables.slots[slot][0].mode in ("never", "abstract")
        if refused != self.schema.is_abstract(one.what):
            raise Mismatch(f"{one} is {'' if refused else 'not '}abstract in ours alone")
        below = self.child(slot, after)
        if row.kind == "LIST":
            return self.enter(rows, index + 1, below, 1)
        if row.kind in NEXT:
            return self.enter(rows, index, below, taken + 1)
        return self.enter(rows, index + 1, below, 1 if row.kind == "CHOICES" else 0)

    # ---- from the roots

    def root(self, slot, element):
        """A root's slot; a relaxed fragment has codes of its own, which are compared elsewhere."""
        program = self.tables.slots[slot][0]
        kind = self.schema.find(element.type)
        if program.mode == "type" and isinstance(kind, Complex):
            self.queue.append((program, self.grammar(element)))
        while self.queue:
            self.run(*self.queue.pop())
