"""Names of elements, attributes and enumerations for those who print or read JSON (src/exi/describe.h): the text of names.c.
SPDX-License-Identifier: Apache-2.0
"""
from exinotation import snake
from existructs import HEADERS, MARKER, c_choice, c_enum, c_field, c_item, c_name, c_node, has_member
from exitables import has_struct


class Names:
    """Text of names.c: enumerations, types (children first), roots of each set, and names of rows for the path of a fault."""

    def __init__(self, notation, uses, tables):
        self.notation, self.uses, self.tables, self.text, self.done = notation, uses, tables, [], set()
        for file in notation.files.values():
            for enum in file.enums.values():
                names = ", ".join(f'"{value}"' for value in enum.values)
                self.text.append(f"static const char *const names_{c_enum(enum)}[] = {{{names}}};")
        self.text.append('static const exi_type_t type_abstract = {"", 0, 0, NULL};')
        for file in notation.files.values():
            for kind in file.types.values():
                self.type(kind)
        self.row_names()
        for file in notation.sets:
            self.set(file)
        self.find()

    def type(self, kind):
        if kind in self.done:
            return
        self.done.add(kind)
        for particle in kind.particles:
            for child in [particle] + (particle.alternatives or []):
                if child.type:
                    self.type(child.type)
        name, fields = c_name(kind), [self.field(kind, p) for p in kind.particles if not p.any]
        if fields:
            self.text.append(f"static const exi_field_t fields_{name}[] = {{")
            self.text += ["    " + field for field in fields] + ["};"]
        size = f"sizeof({name}_t)" if has_struct(kind) else "0"
        table = f"fields_{name}" if fields else "NULL"
        self.text.append(f'static const exi_type_t type_{name} = {{"{kind.name}", {size}, {len(fields)}, {table}}};')

    def field(self, kind, particle):
        owner, path = c_name(kind) + "_t", c_choice(kind, particle) if particle.is_choice else c_field(kind, particle)
        values = {"occurs": "EXI_ONE"}
        if particle.is_list:
            node = (c_name(kind) + "_item_node" if particle.is_choice else c_node(kind, particle)) + "_t"
            path = "item" if particle.is_choice else path
            values = {"occurs": "EXI_LIST_SOME" if particle.required else "EXI_LIST", "node": f"sizeof({node})",
                      "item": f"offsetof({node}, item)", "most": particle.maximum}
        elif particle.is_choice:
            values["occurs"] = "EXI_ONE" if particle.required else "EXI_OPTIONAL"
            path += "which"
            values["has"] = f"offsetof({owner}, {path})"
        elif self.uses.is_pointer(particle):
            values["occurs"] = "EXI_POINTER"
        elif particle.mark == "?":
            values.update(occurs="EXI_OPTIONAL", has=f"offsetof({owner}, has_{path})")
        if particle.is_choice:
            values.update(self.alternatives(kind, particle))
        values["offset"] = f"offsetof({owner}, {path})"
        return self.entry(kind, particle, values)

    def alternatives(self, kind, particle):
        """The table of a choice's alternatives, and what the choice itself says of it."""
        owner = (c_name(kind) + "_item" if particle.is_list else c_name(kind)) + "_t"
        path = "" if particle.is_list else c_choice(kind, particle)
        table = f"alternatives_{c_name(kind)}" + ("_" + snake(kind.owner.words, particle.name) if particle.name else "")
        self.text.append(f"static const exi_field_t {table}[] = {{")
        for one in particle.alternatives:
            member = has_member(one)
            offset = f"offsetof({owner}, {path}{c_field(kind, one)}) - offsetof({owner}, {path}which)" if member else "0"
            self.text.append("    " + self.entry(kind, one, {"occurs": "EXI_ONE", "offset": offset}))
        self.text.append("};")
        return {"alternatives": table, "count": len(particle.alternatives), "size": f"sizeof({owner})" if particle.is_list else "1"}

    def entry(self, kind, particle, values):
        name = "#" if particle.text else ("@" if particle.attribute else "") + (particle.name or "")
        values = {"name": f'"{name}"', "kind": self.kind(particle), **values}
        if particle.type or particle.abstract:
            values["type"] = f"&type_{c_name(particle.type)}" if particle.type else "&type_abstract"
        if particle.abstract:
            values["abstract"] = "true"
        if has_member(particle):
            values["size"] = f"sizeof({c_item(kind, particle)})"
        if particle.value:
            low, high = particle.value.low, particle.value.high
            values.update(low=low if low > -(2**63) else "INT64_MIN", high=f"{high}u")
            if particle.value.kind == "enum":
                values["enumerators"] = f"names_{c_enum(particle.value.enum)}"
        for rule in ("along", "otherwise"):
            if getattr(particle, rule):
                values[rule] = f'"{getattr(particle, rule)}"'
        return "{" + ", ".join(f".{key} = {value}" for key, value in values.items()) + "},"

    @staticmethod
    def kind(particle):
        if particle.is_choice:
            return "EXI_CHOICE"
        if particle.abstract:
            return "EXI_STRUCT"
        if particle.never or particle.any:
            return "EXI_NEVER"
        if particle.type:
            return "EXI_STRUCT"
        return "EXI_" + {"string": "TEXT"}.get(particle.value.kind, particle.value.kind.upper())

    def row_names(self):
        """One name for each row of each program; slots say where theirs begin."""
        names, starts = [], {}
        for program, rows in self.tables.programs.items():
            starts[program] = len(names)
            names += [row.name for row in rows]
        self.text.append("static const char *const row_names[] = {")
        self.text += [f'    "{name}",' for name in names] + ["};", f"static const uint16_t slot_names[{len(self.tables.slots)}] = {{"]
        self.text += [f"    {starts[slot[0]]}," for slot in self.tables.slots] + ["};"]

    def set(self, file):
        symbol = file.set.replace("-", "_")
        self.text.append(f"static const exi_root_name_t roots_{symbol}[] = {{")
        self.text += [f'    {{{code}, "{element}", &type_{c_name(kind)}}},' for code, element, kind in file.roots]
        self.text += [f'    {{EXI_FRAGMENT | {code}, "{element}", &type_{c_name(kind)}}},' for code, element, kind, _ in file.fragment_roots]
        self.text.append("};")

    def find(self):
        sets = [file.set.replace("-", "_") for file in self.notation.sets]
        self.text.append("static const exi_description_t descriptions[] = {")
        self.text += [f"    {{&exi_{s}, roots_{s}, sizeof roots_{s} / sizeof roots_{s}[0], row_names, slot_names}}," for s in sets]
        self.text += ["};", "", "const exi_description_t *exi_describe(const exi_set_t *set)", "{", "    size_t i = 0;",
                      f"    while (i < {len(sets) - 1} && descriptions[i].set != set) {{", "        i++;", "    }",
                      "    return &descriptions[i];", "}", ""]

    def file(self):
        head = [f"/* {MARKER}\n * SPDX-License-Identifier: Apache-2.0 */", '#include "exi/describe.h"']
        return "\n".join(head + [f'#include "messages/{name}.h"' for name in HEADERS] + [""] + self.text)
