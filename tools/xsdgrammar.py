"""EXI grammars (EXI 1.0, schema-informed, strict = false, no preserve options) straight from XML schemas.

Made to judge our own notation, so nothing here knows of it. A content model is kept as an expression and a grammar state is what is
left of it: the productions of a state are the terms that may come first, each with the expression that remains. Occurrences are
counted down on the way, so a list that is filled to its maxOccurs reaches a state of its own, as the specification wants.
What no V2G schema uses (unions, nillable, patterns, fixed values, xs:all, named groups) is refused aloud, never guessed.
SPDX-License-Identifier: Apache-2.0
"""
import os
import xml.etree.ElementTree as xml

XS = "http://www.w3.org/2001/XMLSchema"
UNBOUNDED = None
NOTHING = ()  # the empty content model
N_BIT_MOST = 4096  # so many values at most are an n-bit number

INTEGERS = {"byte": (-128, 127), "unsignedByte": (0, 255), "short": (-(2**15), 2**15 - 1), "unsignedShort": (0, 2**16 - 1),
            "int": (-(2**31), 2**31 - 1), "unsignedInt": (0, 2**32 - 1), "long": (-(2**63), 2**63 - 1), "unsignedLong": (0, 2**64 - 1)}
STRINGS = {"string", "normalizedString", "token", "anyURI", "ID", "IDREF", "NCName", "NMTOKEN", "Name", "language"}
OCTETS = {"hexBinary": "hex", "base64Binary": "base64"}
LENGTHS = {"length", "minLength", "maxLength"}
RANGES = {"minInclusive", "maxInclusive", "minExclusive", "maxExclusive"}
PARTICLES = ("sequence", "choice", "element", "any")


class SchemaError(Exception):
    """A schema that cannot be read, or that uses what this reader does not know."""


def bits_for(codes):
    """Bits of a field that tells `codes` values apart."""
    return (codes - 1).bit_length()


class Coding:
    """How a simple value stands in the stream. form: bit, enum, n-bit, unsigned, signed, string, hex or base64."""

    def __init__(self, form, low=None, high=None, names=()):
        self.form, self.low, self.high, self.names = form, low, high, tuple(names)

    def __eq__(self, other):
        return (self.form, self.low, self.high, self.names) == (other.form, other.low, other.high, other.names)

    def __str__(self):
        if self.names:
            return f"{self.form} {list(self.names)}"
        low, high = ("" if end is None else end for end in (self.low, self.high))
        return self.form if (low, high) == ("", "") else f"{self.form} {low}..{high}"


class Element:
    def __init__(self, name, space, is_global):
        self.name, self.space, self.is_global = name, space, is_global
        self.type = self.head = None
        self.abstract = False

    qname = property(lambda self: (self.name, self.space))


class Attribute:
    def __init__(self, name, space, kind, required):
        self.name, self.space, self.type, self.required = name, space, kind, required

    qname = property(lambda self: (self.name, self.space))


class Simple:
    """A restriction of another simple type: its base, enumeration and facets."""

    def __init__(self, label, base, enumeration, facets):
        self.label, self.base, self.enumeration, self.facets = label, base, enumeration, facets


class Complex:
    def __init__(self, label):
        self.label, self.base, self.extends, self.is_simple = label, None, False, False
        self.mixed = self.abstract = False
        self.attributes, self.model = [], NOTHING


def sequence(first, rest):
    if first == NOTHING:
        return rest
    return first if rest == NOTHING else ("seq", first, rest)


def repeat(model, least, most):
    if most == 0 or model == NOTHING:
        return NOTHING
    return model if (least, most) == (1, 1) else ("rep", model, least, most)


def is_optional(model):
    if model == NOTHING:
        return True
    kind = model[0]
    if kind == "seq":
        return is_optional(model[1]) and is_optional(model[2])
    if kind == "alt":
        return any(is_optional(branch) for branch in model[1])
    return kind == "rep" and (model[2] == 0 or is_optional(model[1]))


def firsts(model):
    """[(term, model that remains behind it)], in schema order. A term is ("el", Element) or ("any", namespaces)."""
    if model == NOTHING:
        return []
    kind = model[0]
    if kind in ("el", "any"):
        return [(model, NOTHING)]
    if kind == "alt":
        return [found for branch in model[1] for found in firsts(branch)]
    if kind == "seq":
        found = [(term, sequence(rest, model[2])) for term, rest in firsts(model[1])]
        return found + (firsts(model[2]) if is_optional(model[1]) else [])
    _, inner, least, most = model
    remains = repeat(inner, max(least - 1, 0), UNBOUNDED if most is UNBOUNDED else most - 1)
    return [(term, sequence(rest, remains)) for term, rest in firsts(inner)]


class Schema:
    """A root schema and all that it imports."""

    def __init__(self, path):
        self.types, self.elements, self.declared, self.attributes = {}, {}, [], []
        self.members = {}  # head -> elements of its substitution group
        self.loaded, self.late = set(), []
        self.load(os.path.abspath(path))
        for element in self.elements.values():
            if element.head:
                self.members.setdefault(element.head, []).append(element)
        for complete in self.late:  # content models, once all that they refer to is known; they may add types of their own
            complete()

    # ---- reading

    def load(self, path):
        if path in self.loaded:
            return
        self.loaded.add(path)
        try:
            spaces = dict(pair for _, pair in xml.iterparse(path, events=("start-ns",)))
            root = xml.parse(path).getroot()
        except (OSError, xml.ParseError) as error:
            raise SchemaError(f"{path}: {error}") from error
        File(self, path, root, spaces).read()

    def import_from(self, path, location):
        """Beside the importing file, else one folder up: there the PyPI package keeps the signature's schema."""
        folder = os.path.dirname(path)
        for place in (folder, os.path.dirname(folder)):
            if os.path.exists(os.path.join(place, location)):
                return self.load(os.path.normpath(os.path.join(place, location)))
        raise SchemaError(f"{path}: imports {location}, which is not there")

    # ---- asking

    def find(self, kind):
        """A name of a type becomes the type; types of XML Schema itself stay names."""
        if not isinstance(kind, tuple) or kind[0] == XS:
            return kind
        if kind not in self.types:
            raise SchemaError(f"type {kind} is not declared")
        return self.types[kind]

    def is_abstract(self, element):
        kind = self.find(element.type)
        return element.abstract or (isinstance(kind, Complex) and kind.abstract)

    def group(self, element):
        """An element that is referred to, and all that may stand for it, in the order of their event codes."""
        found, heads = [element], [element.qname]
        while heads:
            for member in self.members.get(heads.pop(), []):
                found.append(member)
                heads.append(member.qname)
        return sorted(found, key=lambda one: one.qname)

    def attributes_of(self, kind):
        """Sorted as their event codes are."""
        base = self.find(kind.base) if kind.base else None
        inherited = self.attributes_of(base) if isinstance(base, Complex) else []
        return sorted(inherited + kind.attributes, key=lambda one: one.qname)

    def model_of(self, kind):
        base = self.find(kind.base) if kind.base else None
        if kind.extends and isinstance(base, Complex):
            return sequence(self.model_of(base), kind.model)
        return kind.model

    def is_mixed(self, kind):
        base = self.find(kind.base) if kind.base else None
        return kind.mixed or (kind.extends and isinstance(base, Complex) and self.is_mixed(base))

    def text_of(self, kind):
        """The simple type of a complex type with simple content, else None."""
        if not kind.is_simple:
            return None
        base = self.find(kind.base)
        return self.text_of(base) if isinstance(base, Complex) else kind.base

    def coding(self, kind):
        """Coding of a simple type, from its built-in type and the facets on the way there."""
        names, low, high, lengths = None, None, None, {}
        kind = self.find(kind)
        while isinstance(kind, Simple):
            names = names or kind.enumeration
            for facet, value in kind.facets.items():
                if facet in LENGTHS:
                    lengths.setdefault(facet, value)
                    continue
                value += {"minExclusive": 1, "maxExclusive": -1}.get(facet, 0)
                if facet.startswith("min"):
                    low = value if low is None else max(low, value)
                else:
                    high = value if high is None else min(high, value)
            kind = self.find(kind.base)
        if names:
            return Coding("enum", names=names)
        return self.builtin(kind[1], low, high, lengths)

    @staticmethod
    def builtin(name, low, high, lengths):
        least, most = lengths.get("minLength", 0), lengths.get("maxLength")
        if "length" in lengths:
            least = most = lengths["length"]
        if name in STRINGS:
            return Coding("string", least, most)
        if name in OCTETS:
            return Coding(OCTETS[name], least, most)
        if name == "boolean":
            return Coding("bit")
        if name == "integer" and low is None and high is None:
            return Coding("signed")
        if name not in INTEGERS:
            raise SchemaError(f"values of {name} are not known here")
        low = INTEGERS[name][0] if low is None else max(low, INTEGERS[name][0])
        high = INTEGERS[name][1] if high is None else min(high, INTEGERS[name][1])
        form = "n-bit" if high - low < N_BIT_MOST else "unsigned" if low >= 0 else "signed"
        return Coding(form, low, high)

    # ---- document and fragment

    def roots(self):
        """Global elements in the order of the document grammar's event codes."""
        return [self.elements[name] for name in sorted(self.elements)]

    def fragments(self):
        """[(name of an element, its declarations)] in the order of the fragment grammar's event codes."""
        found = {}
        for element in self.declared:
            found.setdefault(element.qname, []).append(element)
        return [(name, found[name]) for name in sorted(found)]

    def attribute_names(self):
        return sorted({one.qname for one in self.attributes})

    def is_relaxed(self, declarations):
        """Do the declarations of a name differ in type? Then EXI 8.5.3 puts the relaxed grammar in their place."""
        return any(self.find(one.type) is not self.find(declarations[0].type) for one in declarations)


class Production:
    """kind: AT, SE, SE(*), EE, CH (a value of the type) or untyped CH. what: Attribute, Element, a simple type or None."""

    def __init__(self, kind, name, what, to):
        self.kind, self.name, self.what, self.to = kind, name, what, to

    def __str__(self):
        return f"{self.kind}({self.name})" if self.name else self.kind


class Grammar:
    """The element grammar of a type. A state is (attributes that are behind, what is left of the content model); END where only the
    value's EE is left. Productions stand in the order of their event codes."""

    END = "end"

    def __init__(self, schema, kind):
        self.schema, self.kind = schema, kind
        self.attributes, self.model, self.text, self.mixed = [], NOTHING, None, False
        if isinstance(kind, Complex):
            self.attributes, self.model = schema.attributes_of(kind), schema.model_of(kind)
            self.text, self.mixed = schema.text_of(kind), schema.is_mixed(kind)
        else:
            self.text = kind
        self.start = (0, self.model)

    def productions(self, state):
        behind, model = state
        found, content = [], True
        for number, one in enumerate(self.attributes[behind:], behind + 1):
            found.append(Production("AT", one.name, one, (number, model)))
            if one.required:
                content = False
                break
        return found + (self.content(model) if content else [])

    def content(self, model):
        behind = len(self.attributes)
        if model == self.END:
            return [Production("EE", "", None, None)]
        if self.text is not None:
            return [Production("CH", "", self.text, (behind, self.END))]
        terms = firsts(model)
        found = [Production("SE", term[1].name, term[1], (behind, rest)) for term, rest in terms if term[0] == "el"]
        wild = [Production("SE(*)", "", None, (behind, rest)) for term, rest in terms if term[0] == "any"]
        if any(term[0] == "any" and term[1] not in ("##any", "##other") for term, _ in terms):
            raise SchemaError("wildcards for chosen namespaces are not known here")
        names = [one.what.qname for one in found]
        if len(set(names)) != len(names) or len(wild) > 1:
            raise SchemaError(f"{names}: a content model that is not deterministic")
        found += wild
        if is_optional(model):
            found.append(Production("EE", "", None, None))
        if self.mixed:
            found.append(Production("untyped CH", "", None, (behind, model)))
        return found

    @staticmethod
    def width(productions):
        """One code more than productions: the escape to the second level."""
        return bits_for(len(productions) + 1)


class File:
    """One schema document while it is read."""

    def __init__(self, schema, path, root, spaces):
        self.schema, self.path, self.root, self.spaces = schema, path, root, spaces
        self.space = root.get("targetNamespace", "")
        self.elements_qualified = root.get("elementFormDefault") == "qualified"
        self.attributes_qualified = root.get("attributeFormDefault") == "qualified"

    def fail(self, what):
        raise SchemaError(f"{self.path}: {what}")

    @staticmethod
    def word(node):
        return node.tag.replace("{" + XS + "}", "")

    def children(self, node):
        return [child for child in node if self.word(child) != "annotation"]

    def qname(self, name):
        prefix, _, local = name.rpartition(":")
        if prefix and prefix not in self.spaces:
            self.fail(f"prefix of {name} is not declared")
        return self.spaces.get(prefix, ""), local

    def read(self):
        for node in self.children(self.root):
            word, name = self.word(node), node.get("name")
            if word in ("import", "include"):
                if node.get("schemaLocation"):
                    self.schema.import_from(self.path, node.get("schemaLocation"))
            elif word == "simpleType":
                self.schema.types[self.space, name] = self.simple(node, name)
            elif word == "complexType":
                self.schema.types[self.space, name] = self.complex(node, name)
            elif word == "element":
                element = self.element(node, True)
                self.schema.elements[element.qname] = element
            else:
                self.fail(f"{word} at the top is not known here")

    def simple(self, node, label):
        restriction = self.only(node, ("restriction",), label)
        base = self.qname(restriction.get("base")) if restriction.get("base") else None
        enumeration, facets = [], {}
        for child in self.children(restriction):
            word = self.word(child)
            if word == "enumeration":
                enumeration.append(child.get("value"))
            elif word == "simpleType":
                base = self.simple(child, f"(base of {label})")
            elif word in LENGTHS | RANGES:
                facets[word] = int(child.get("value"))
            else:
                self.fail(f"facet {word} of {label} is not known here")
        return Simple(label, base, enumeration, facets)

    def only(self, node, words, label):
        children = self.children(node)
        if len(children) != 1 or self.word(children[0]) not in words:
            self.fail(f"{label} is not one of: {', '.join(words)}")
        return children[0]

    def complex(self, node, label):
        kind, body = Complex(label), node
        kind.mixed, kind.abstract = node.get("mixed") == "true", node.get("abstract") == "true"
        for word in ("complexContent", "simpleContent"):
            content = node.find(f"{{{XS}}}{word}")
            if content is not None:
                body = self.only(content, ("extension", "restriction"), label)
                kind.base, kind.extends = self.qname(body.get("base")), self.word(body) == "extension"
                kind.is_simple = word == "simpleContent"
        for child in self.children(body):
            word = self.word(child)
            if word == "attribute":
                kind.attributes.append(self.attribute(child, label))
            elif word in PARTICLES:
                self.schema.late.append(lambda child=child: setattr(kind, "model", self.particle(child, label)))
            elif child is not content_of(node):
                self.fail(f"{word} in {label} is not known here")
        return kind

    def attribute(self, node, label):
        if node.get("ref") or node.get("fixed") or node.get("default") or node.get("use") == "prohibited":
            self.fail(f"an attribute of {label} is referred to, fixed, defaulted or prohibited")
        name = node.get("name")
        qualified = node.get("form") == "qualified" if node.get("form") else self.attributes_qualified
        kind = self.qname(node.get("type")) if node.get("type") else self.simple(self.only(node, ("simpleType",), name), f"(of {name})")
        found = Attribute(name, self.space if qualified else "", kind, node.get("use") == "required")
        self.schema.attributes.append(found)
        return found

    def element(self, node, is_global):
        if node.get("nillable") == "true" or node.get("fixed") or node.get("default"):
            self.fail(f"element {node.get('name')} is nillable, fixed or defaulted")
        element = Element(node.get("name"), self.space if is_global or self.elements_qualified else "", is_global)
        element.abstract = node.get("abstract") == "true"
        if node.get("substitutionGroup"):
            element.head = tuple(reversed(self.qname(node.get("substitutionGroup"))))
        label = f"(of {element.name})"
        if node.get("type"):
            element.type = self.qname(node.get("type"))
        else:
            inner = self.only(node, ("complexType", "simpleType"), element.name)
            element.type = self.complex(inner, label) if self.word(inner) == "complexType" else self.simple(inner, label)
        self.schema.declared.append(element)
        return element

    def particle(self, node, label):
        word, most = self.word(node), node.get("maxOccurs", "1")
        least, most = int(node.get("minOccurs", "1")), UNBOUNDED if most == "unbounded" else int(most)
        if word == "sequence":
            model = NOTHING
            for child in reversed([self.particle(child, label) for child in self.children(node)]):
                model = sequence(child, model)
        elif word == "choice":
            model = ("alt", tuple(self.particle(child, label) for child in self.children(node)))
        elif word == "any":
            model = ("any", node.get("namespace", "##any"))
        elif word == "element":
            model = self.term(node)
        else:
            self.fail(f"{word} in {label} is not known here")
        return repeat(model, least, most)

    def term(self, node):
        if not node.get("ref"):
            return ("el", self.element(node, False))
        space, name = self.qname(node.get("ref"))
        if (name, space) not in self.schema.elements:
            self.fail(f"element {name} is referred to and not declared")
        group = [("el", element) for element in self.schema.group(self.schema.elements[name, space])]
        return group[0] if len(group) == 1 else ("alt", tuple(group))


def content_of(node):
    """The complexContent or simpleContent of a complex type."""
    found = [child for child in node if child.tag.endswith(("}complexContent", "}simpleContent"))]
    return found[0] if found else None
