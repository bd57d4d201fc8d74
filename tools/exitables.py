"""Types of the notation as the interpreter's rows, slots, spans and limits (src/exi/rows.h): the text of rows.c.
SPDX-License-Identifier: Apache-2.0
"""
from exinotation import INTEGERS
from existructs import HEADERS, MARKER, c_choice, c_enum, c_field, c_item, c_name, c_node, c_value, \
    code_width, end_width, ends_open, has_member, measured_value, state

DEPTH = 12  # EXI_DEPTH of exi.h
ROW_BITS_MAX = 25  # what one 32-bit load from any bit position holds
WINDOW_BITS = 57  # and one 64-bit load
STATES = {"OPTION", "POINTER", "LIST", "LIST_NEXT", "LAZY_NEXT", "CHOICE", "CHOICES", "CHOICES_NEXT", "ANY"}


class Row:
    def __init__(self, kind, k, bits, n=0, m=0, offset="0", name=""):
        self.kind, self.k, self.bits, self.n, self.m, self.offset, self.name = kind, k, bits, n, m, offset, name

    def text(self):
        fields = (("k", self.k), ("bits", self.bits), ("n", self.n & 255), ("m", self.m), ("offset", self.offset))
        told = "".join(f", .{name} = {value}" for name, value in fields if value not in (0, "0"))
        return f"{{.kind = ROW_{self.kind}{told}}},"


class Tables:
    """All rows, slots and limits of all sets."""

    def __init__(self, uses):
        self.uses, self.rows, self.slots, self.spans, self.limits, self.names, self.starts = uses, [], [], [], [], {}, {}
        self.programs = {}  # program -> [Row]; a program is what a slot runs
        self.pending = []
        self.never, self.abstract = Program("never"), Program("abstract")

    def span(self, least, most):
        return self.index(self.spans, [(least, most)])

    @staticmethod
    def index(table, entries):
        """Position of `entries` in a row in the table, appended where they are not there yet."""
        for start in range(len(table) - len(entries) + 1):
            if table[start : start + len(entries)] == entries:
                return start
        table += entries
        return len(table) - len(entries)

    def slot(self, entries):
        start = self.index(self.slots, entries)
        self.pending += [entry[0] for entry in entries]
        return start

    def name_id(self, key):
        assert len(self.names) < 255
        return self.names.setdefault(key, len(self.names))

    def slot_of_type(self, kind):
        name = c_name(kind) + "_t" if has_struct(kind) else None
        return self.slot([(Program("type", name, kind), f"sizeof({name})" if name else "0", "0")])

    def slot_of_node(self, kind, particle):
        tag, item = c_node(kind, particle) + "_t", c_item(kind, particle)
        offset = f"offsetof({tag}, item)"
        program = Program("type", item, particle.type) if particle.type else Program("value", item, kind, particle)
        return self.slot([(program, f"sizeof({tag})", offset)])

    def alternatives(self, kind, particle, owner):
        """Slots of a choice's alternatives; owner is the C type that holds which and the union."""
        path = "" if particle.is_list else c_choice(kind, particle)
        entries = []
        for alternative in particle.alternatives:
            member = has_member(alternative)
            where = f"offsetof({owner}, {path}{c_field(kind, alternative)}) - offsetof({owner}, {path}which)" if member else "0"
            if alternative.never:
                entries.append((self.abstract if alternative.abstract else self.never, "0", "0"))
            elif alternative.type:
                name = c_name(alternative.type) + "_t" if member else None
                entries.append((Program("type", name, alternative.type), f"sizeof({name})" if member else "0", where))
            else:
                item = c_value(alternative.value)
                entries.append((Program("value", item, kind, alternative), f"sizeof({item})", where))
        return entries

    def emit(self):
        """Writes the rows of every program that a slot refers to; equal runs of rows are one."""
        while self.pending:
            program = self.pending.pop(0)
            if program in self.programs:
                continue
            rows = self.programs[program] = Emitter(self, program).rows
            chain(rows)
            key = tuple(row.text() for row in rows)
            if key not in self.starts:
                self.starts[key] = len(self.rows)
                self.rows += rows
        return {program: self.starts[tuple(row.text() for row in rows)] for program, rows in self.programs.items()}

    def depth(self, program, seen=()):
        assert program not in seen, "types that contain themselves"
        slots = []
        for row in self.programs[program]:
            if row.kind in ("TYPE", "LIST_FIRST", "LAZY_FIRST", "LIST", "POINTER"):
                slots.append(row.m)
            elif row.kind in ("CHOICE", "CHOICES"):
                first = row.m + (row.kind == "CHOICES")
                slots += range(first, first + row.k)
        return 1 + max((self.depth(self.slots[s][0], seen + (program,)) for s in slots), default=0)


def has_struct(kind):
    return bool(kind.particles) and not all(p.any for p in kind.particles)


class Program:
    """What the rows of a slot describe. mode "type": a complex type; "value": one simple value, an item of a list or choice;
    "never", "abstract": an abstract element or a wildcard; "relaxed": an element whose name has two types, as a fragment."""

    def __init__(self, mode, c_type=None, kind=None, particle=None, literals=None):
        self.mode, self.c_type, self.kind, self.particle, self.literals = mode, c_type, kind, particle, literals

    def key(self):
        value = self.particle and self.particle.value
        simple = (value.kind, value.low, value.high, self.particle.name, self.kind.namespace) if value else None
        return self.mode, self.c_type, simple or self.kind

    def __eq__(self, other):
        return self.key() == other.key()

    def __hash__(self):
        return hash(self.key())


# Bits that a row takes of the window after its own `bits`. Rows that may be long begin where at most 25 bits are used.
BEHIND = {"PHYSICAL": 6 + 12 + 8, "PHYSICAL_OPTIONAL": 3 + 5 + 12 + 8, "RATIONAL": 12 + 8, "INT16": 9 + 8}
BEHIND.update(dict.fromkeys(["INT32", "INT64", "UINT16", "UINT32", "UINT64", "OCTETS", "STRING", "INTEGER"], WINDOW_BITS - 25))


def chosen(rows, index):
    """Rows that an event code of the state at index may choose and that are read from the same window."""
    left, found = rows[index].n, []
    while left > 0 and rows[index].kind in STATES:
        row = rows[index]
        found += [index + 1] if row.kind == "OPTION" else []
        left -= row.k if row.kind in ("CHOICE", "CHOICES", "CHOICES_NEXT") else 1
        index += row.m if row.kind == "OPTION" else 2 if row.kind in ("LIST", "CHOICES") else 1
    return found + [index] if left > 0 else found


def window_need(rows, index):
    """Bits that must be left in a window where the row at index begins."""
    row = rows[index]
    behind = max([window_need(rows, i) for i in chosen(rows, index)], default=0) if row.kind in STATES else BEHIND.get(row.kind, 0)
    return row.bits + behind


def chain(rows):
    """Numbers of n bits become links of a chain where the window that they are read from holds what follows as well."""
    used = [0] * len(rows)  # bits of its window that are used at most before each row
    for i, row in enumerate(rows):
        assert used[i] + window_need(rows, i) <= WINDOW_BITS, (row.kind, used[i])
        following = chosen(rows, i) if row.kind in STATES else []
        if row.kind in ("N8", "ENUM") and used[i] + row.bits + window_need(rows, i + 1) <= WINDOW_BITS:
            row.kind += "_MORE"
            following = [i + 1]
        for k in following:
            used[k] = max(used[k], used[i] + row.bits)


class Emitter:
    """The rows of one program."""

    def __init__(self, tables, program):
        self.tables, self.uses, self.program, self.rows, self.joins = tables, tables.uses, program, [], False
        getattr(self, "emit_" + program.mode)()

    def emit_type(self):
        kind = self.program.kind
        pending = self.particles(kind, "", "", None, 0) + end_width(kind)
        self.add("END", pending, pending)

    def emit_value(self):
        owed = self.value(self.program.kind, self.program.particle, "", "", 0, 0)
        self.add("END", owed, owed)

    def emit_never(self):
        self.add("NEVER", 0, 0)

    def emit_abstract(self):
        self.add("ABSTRACT", 0, 0)
        self.add("END", 1, 1)

    def emit_relaxed(self):
        """Codes of the relaxed grammar count all names of the set; the element has an Id and a text."""
        kind, (first, second) = self.program.kind, self.program.kind.particles
        for particle, (width, code) in zip((first, second), self.program.literals):
            self.add("LITERAL", width, width, 0, code)
            self.value(kind, particle, c_field(kind, particle), "@Id" if particle.attribute else "", 0, 0)
        width, code = self.program.literals[2]
        self.add("LITERAL", width, width, 0, code)
        self.add("END", 0, 0)

    def add(self, kind, k, bits, n=0, m=0, path=None, name=""):
        assert 0 <= k <= (255 if kind in STATES else bits), (kind, k, bits)
        if self.joins and self.rows[-1].kind == "ZEROS" and kind not in STATES and kind != "ZEROS":
            zeros = self.rows.pop()
            k, bits = zeros.k, bits + zeros.bits
        assert bits <= ROW_BITS_MAX, (kind, bits)
        self.joins = False
        offset = "0" if not path else f"offsetof({self.program.c_type}, {path})"
        row = Row(kind, k, bits, n, m, offset, name)
        self.rows.append(row)
        return row

    def particles(self, kind, path, name, first_k, pending):
        """Rows of a type's particles. pending: zero bits owed before the next event; first_k: k of the first row, if given.
        Returns the zero bits still owed."""
        reached = False  # may a code of an earlier state choose the particle at hand?
        queue = list(enumerate(kind.particles))
        while queue:
            index, particle = queue.pop(0)
            productions, width = state(kind, index)
            k = first_k if index == 0 and first_k is not None else pending + width
            bits, here = pending + width, name + ("" if particle.text else particle.name or "")
            if particle.any:
                self.add("ANY", 0, bits, productions, name=here)
                pending, reached = 0, True
            elif particle.is_choice:
                self.choice(kind, particle, path, name, bits, productions, state(kind, index + 1)[0])
                pending, reached = 0, particle.is_list or not particle.required
            elif particle.is_list:
                self.list(kind, index, path, here, k, bits, productions)
                pending, reached = 0, True
            elif self.uses.is_pointer(particle):
                field = path + c_field(kind, particle)
                assert has_member(particle)
                self.add("POINTER", 0, bits, productions, self.tables.slot_of_type(particle.type), field, here)
                pending, reached = 0, True
            elif particle.required:
                pending = self.body(kind, particle, path, here, k, bits, reached)
                reached = False
            else:
                pending = self.option(kind, particle, path, name, bits, productions, queue)
                reached = True
        return pending

    def option(self, kind, particle, path, name, bits, productions, queue):
        """An optional field, and the fields that stand or fall with it."""
        here = name + particle.name
        head = self.add("OPTION", 0, bits, productions, 0, f"{path}has_{c_field(kind, particle)}", here)
        start = len(self.rows)
        pending = self.body(kind, particle, path, here, 0, 0, False)
        while queue and queue[0][1].along == particle.name:
            _, along = queue.pop(0)
            pending = self.body(kind, along, path, name + along.name, 0, pending + code_width(1), False)
        head.m = len(self.rows) - start + 1
        self.joins = False
        return pending

    def body(self, kind, particle, path, name, k, pending, reached):
        """A field that is there; pending includes its own SE."""
        field = path + c_field(kind, particle)
        if particle.value:
            return self.value(kind, particle, field, name, k, pending)
        child = particle.type
        measured = measured_value(child)
        if measured:
            return self.measured(child, measured, field, name, k, pending)
        if self.uses.is_inline(child) and not (reached and self.uses.starts_with_state(child)):
            pending = self.particles(child, field + ".", name + "/", k, pending)
            if ends_open(child):
                self.add("ZEROS", pending + end_width(child), pending + end_width(child), name=name)
                self.joins = particle.required
                return 0
            return pending + end_width(child)
        self.add("TYPE", k, pending, 0, self.tables.slot_of_type(child), field, name)
        return 0

    def measured(self, child, row, field, name, k, pending):
        first = child.particles[0].value
        unit = len(child.particles[1].value.enum.values) - 1 if row != "RATIONAL" else 255
        width = (first.high - first.low).bit_length()
        self.add(row, k, pending + 2 + width, first.low, unit, field, name)
        return 1 + end_width(child)

    def value(self, kind, particle, field, name, k, pending):
        """A simple value; returns the EE it owes. Attributes and text have neither CH nor EE of their own."""
        value, element = particle.value, not particle.attribute and not particle.text
        pending += element
        row, n, m, width = self.coding(kind, particle, value)
        self.add(row, k, pending + width, n, m, field, name)
        return int(element)

    def coding(self, kind, particle, value):
        """(row kind, n, m, bits) of a simple value."""
        span = value.high - value.low
        if value.kind in ("bool", "enum"):
            return "ENUM" if value.kind == "enum" else "N8", 0, span, span.bit_length()
        if value.kind in INTEGERS and span < 4096:
            assert value.kind in ("int8", "uint8", "int16", "uint16") and -128 <= value.low < 256
            return "N8" if value.kind.endswith("8") else "N16", value.low, span, span.bit_length()
        if value.kind in INTEGERS:
            assert value.low == INTEGERS[value.kind][0] or 0 <= value.low < 256
            return value.kind.upper(), max(value.low, 0), self.tables.index(self.tables.limits, [value.high]), 0
        if value.kind == "integer":
            return "INTEGER", 0, 0, 0
        if value.kind == "string":
            qualified = not particle.attribute or kind.owner.qualified
            name = self.tables.name_id((kind.namespace if qualified else "", particle.name or ""))
            return "STRING", name, self.tables.span(value.low, value.high), 0
        return "OCTETS", 0, self.tables.span(value.low, value.high), 0

    def list(self, kind, index, path, name, k, bits, productions):
        particle = kind.particles[index]
        slot = self.tables.slot_of_node(kind, particle)
        following = 1 + state(kind, index + 1)[0]
        field = path + c_field(kind, particle)
        limits = self.tables.span(int(particle.required), particle.maximum)
        assert particle.required or not particle.lazy
        first, following_row = ("LAZY_FIRST", "LAZY_NEXT") if particle.lazy else ("LIST_FIRST" if particle.required else "LIST", "LIST_NEXT")
        self.add(first, k if particle.required else 0, bits, productions, slot, field, name)
        self.add(following_row, limits, code_width(following + kind.mixed), following, slot, field, name)

    def choice(self, kind, particle, path, name, bits, productions, following):
        count = len(particle.alternatives)
        names = name + "*" + "|".join(a.name for a in particle.alternatives)
        if not particle.is_list:
            slot = self.tables.slot(self.tables.alternatives(kind, particle, c_name(kind) + "_t"))
            self.add("CHOICE", count, bits, productions, slot, path + c_choice(kind, particle) + "which", names)
            return
        item = c_name(kind) + "_item_t"
        node = c_name(kind) + "_item_node_t"
        entries = [(self.tables.never, f"sizeof({node})", f"offsetof({node}, item)")]
        slot = self.tables.slot(entries + self.tables.alternatives(kind, particle, item))
        self.add("CHOICES", count, bits, productions, slot, path + "item", names)
        following += count
        self.add("CHOICES_NEXT", count, code_width(following + kind.mixed), following, slot, path + "item", names)


# ---------------------------------------------------------------- files of tables

def relaxed_literals(file, attributes, own):
    """(width, code) of the three events of a relaxed fragment: its attribute, its text, its end. The first state offers all attribute names,
    AT(*), all element names, SE(*), EE and CH, and holds until the text; the second one offers the same without attributes."""
    first, second = attributes + 1 + file.fragments + 3, file.fragments + 3
    return [(first.bit_length(), own), (first.bit_length(), first - 1), (second.bit_length(), second - 2)]


def set_roots(file, tables):
    """[(code, slot)] of messages and of fragments."""
    messages = [(code, tables.slot_of_type(kind)) for code, _, kind in file.roots]
    fragments = []
    for code, _, kind, relaxed in file.fragment_roots:
        if relaxed:
            name = c_name(kind) + "_t"
            program = Program("relaxed", name, kind, literals=relaxed_literals(file, *relaxed))
            fragments.append((code, tables.slot([(program, f"sizeof({name})", "0")])))
        else:
            fragments.append((code, tables.slot_of_type(kind)))
    return messages, fragments


def rows_file(notation, tables):
    roots = {file: set_roots(file, tables) for file in notation.sets}
    starts = tables.emit()
    for messages, fragments in roots.values():
        for _, slot in messages + fragments:
            assert tables.depth(tables.slots[slot][0]) <= DEPTH, "EXI_DEPTH of exi.h"
    text = [f"/* {MARKER}\n * SPDX-License-Identifier: Apache-2.0 */", '#include "exi/rows.h"']
    text += [f'#include "messages/{name}.h"' for name in HEADERS] + [""] + asserts(notation)
    text.append(f"static const exi_row_t rows[{len(tables.rows)}] = {{")
    text += ["    " + row.text() for row in tables.rows] + ["};", ""]
    text.append(f"static const exi_slot_t slots[{len(tables.slots)}] = {{")
    text += [f"    {{.row = {starts[program]}, .item = {item}, .size = {size}}}," for program, size, item in tables.slots] + ["};", ""]
    text.append(f"static const exi_span_t spans[{len(tables.spans)}] = {{")
    text += ["    " + " ".join(f"{{{a}, {b}}}," for a, b in tables.spans), "};", ""]
    text.append(f"static const uint64_t limits[{len(tables.limits)}] = {{")
    text += ["    " + " ".join(f"{limit}u," for limit in tables.limits), "};", ""]
    text += ["static const exi_tables_t tables = {rows, slots, spans, limits};", ""]
    for file in notation.sets:
        text += set_text(file, *roots[file])
    return "\n".join(text)


def set_text(file, messages, fragments):
    symbol = file.set.replace("-", "_")
    text = []
    for name, table in (("roots", messages), ("fragments", fragments)):
        text.append(f"static const exi_root_t {symbol}_{name}[{max(len(table), 1)}] = {{")
        text += ["    " + " ".join(f"{{{code}, {slot}}}," for code, slot in table[i : i + 10]) for i in range(0, max(len(table), 1), 10)]
        text += ["};"]
    text.append(f'const exi_set_t exi_{symbol} = {{"{file.set}", &tables, {symbol}_roots, {symbol}_fragments, {len(messages)}, {len(fragments)}, '
                f"{file.documents.bit_length()}, {(file.fragments + 1).bit_length()}, {file.fragments + 1}}};\n")
    return text


def asserts(notation):
    """The interpreter's own structs lie in memory like the generated ones."""
    own = {"PHYSICAL": "exi_physical_t", "PHYSICAL_OPTIONAL": "exi_physical_optional_t", "RATIONAL": "exi_rational_t"}
    lines = []
    for file in notation.files.values():
        for kind in file.types.values():
            row = measured_value(kind)
            if not row:
                continue
            for particle in kind.particles:
                field = c_field(kind, particle)
                lines.append(f"_Static_assert(offsetof({c_name(kind)}_t, {field}) == offsetof({own[row]}, {field}), \"layout\");")
        lines += [f"_Static_assert(sizeof({c_enum(e)}_t) == sizeof(exi_enum_t), \"layout\");" for e in file.enums.values()]
    for file in notation.files.values():
        for kind in file.types.values():
            for particle in kind.particles:
                if particle.is_list and not particle.any:
                    lines.append(f"_Static_assert(offsetof({c_node(kind, particle)}_t, next) == 0, \"layout\");")
    return list(dict.fromkeys(lines)) + [""]
