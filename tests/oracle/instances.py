"""Random valid messages straight from an XML schema: they owe nothing to our rows, nor to any EXI codec.

    schema = Schema('V2G_CI_MsgDef.xsd')
    node = schema.instance('V2G_Message', random.Random(1), Profile())
    node.xml()      -> '<V2G_Message xmlns="urn:...">...'
    node.tree()     -> {'V2G_Message': {...}}, in the shape of Oracle.java: every value text, repeated elements as lists
    node.json()     -> the same in the shape of ccs-dump: numbers are numbers, every list is a list

Knows as much of XML Schema as the V2G schemas use: sequence, choice, extension, restriction, substitution groups, references,
the facets of length and range. Wildcard content is not made.
SPDX-License-Identifier: Apache-2.0
"""
import base64
import dataclasses
import io
import pathlib
import re
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

XS = '{http://www.w3.org/2001/XMLSchema}'
MANY = 1 << 30
RANGES = {'byte': (-2**7, 2**7 - 1), 'unsignedByte': (0, 2**8 - 1), 'short': (-2**15, 2**15 - 1), 'unsignedShort': (0, 2**16 - 1),
          'int': (-2**31, 2**31 - 1), 'unsignedInt': (0, 2**32 - 1), 'long': (-2**63, 2**63 - 1), 'unsignedLong': (0, 2**64 - 1),
          'integer': (-2**159, 2**159 - 1)}
EDGES = [v for power in (0, 6, 7, 8, 12, 14, 21, 32) for v in (-2**power - 1, -2**power, 2**power - 1, 2**power)]
PLAIN = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
HARD = PLAIN + ' &<>"\'\\]\t\x7f\x85éÿĀ߿ࠀ中\u2028\ufffd\U0001d11e\U0010ffff'


class Impossible(Exception):
    """What is asked for here cannot be made without wildcard content or an abstract type."""


@dataclasses.dataclass(frozen=True)
class Profile:
    """How large and how odd the messages get."""
    optional: float = 0.5       # chance of an optional element
    repeats: int = 2            # entries of a list beyond the least
    full_lists: float = 0.0     # chance that a list is filled to its maxOccurs instead
    text_max: int = 40
    octets_max: int = 64
    characters: str = PLAIN
    without: frozenset = frozenset({'Signature'})


@dataclasses.dataclass
class Node:
    namespace: str
    name: str
    attributes: list            # of (namespace, name, value)
    content: object             # text, a number, a truth, or a list of nodes
    listed: bool = False        # may stand there more than once

    def xml(self, outer=''):
        opening = self.name + (f' xmlns="{self.namespace}"' if self.namespace != outer else '')
        for namespace, name, value in self.attributes:
            opening += f' xmlns:a="{namespace}" a:{name}=' if namespace else f' {name}='
            opening += f'"{escape_all(value)}"'
        inner = ''.join(n.xml(self.namespace) for n in self.content) if isinstance(self.content, list) else escape_all(self.content)
        return f'<{opening}>{inner}</{self.name}>'

    def tree(self):
        return {self.name: self.value(as_text)}

    def json(self):
        return {self.name: self.value(as_json)}

    def value(self, of):
        members = {'@' + name: of(value) for _, name, value in self.attributes}
        if not isinstance(self.content, list):
            return {**members, '#': of(self.content)} if members else of(self.content)
        if of is as_json and not self.neighbours():
            return {**members, '*': [{node.name: node.value(of)} for node in self.content]}
        for node in self.content:
            members.setdefault(node.name, []).append(node)
        return {name: v if not isinstance(v, list) else self.values(v, of) for name, v in members.items()}

    def neighbours(self):
        """Do equal names stand side by side? Only then can they be grouped without losing their order."""
        names = [node.name for node in self.content]
        changes = sum(a != b for a, b in zip(names, names[1:]))
        return changes + 1 <= len(set(names)) or not names

    @staticmethod
    def values(nodes, of):
        keep = len(nodes) > 1 or (of is not as_text and nodes[0].listed)
        return [node.value(of) for node in nodes] if keep else nodes[0].value(of)


def as_text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def as_json(value):
    """ccs-dump takes integers beyond what a JSON number holds for sure (53 bits) as text."""
    return str(value) if type(value) is int and abs(value) > 2**53 - 1 else value


def escape_all(value):
    return escape(as_text(value), {'"': '&quot;', '\t': '&#9;', '\n': '&#10;', '\r': '&#13;'})


class Document:
    """One schema file, with what its prefixes mean."""

    def __init__(self, path):
        text = re.sub(r'<!DOCTYPE.*?\]>', '', path.read_text(encoding='utf-8-sig'), flags=re.DOTALL)
        self.prefixes = dict(pair for _, pair in ET.iterparse(io.StringIO(text), events=['start-ns']))
        self.root = ET.fromstring(text)
        self.namespace = self.root.get('targetNamespace', '')
        self.qualified = {kind: self.root.get(kind + 'FormDefault') == 'qualified' for kind in ('element', 'attribute')}

    def qname(self, text):
        prefix, _, local = text.rpartition(':')
        return self.prefixes.get(prefix, ''), local


@dataclasses.dataclass(frozen=True)
class Declared:
    """An element of a schema file and the file it stands in."""
    document: Document
    node: ET.Element

    def qname(self, attribute):
        text = self.node.get(attribute)
        return text and self.document.qname(text)

    def child(self, *tags):
        found = next((n for n in self.node if n.tag in {XS + t for t in tags}), None)
        return None if found is None else Declared(self.document, found)

    def children(self, *tags):
        return [Declared(self.document, n) for n in self.node if n.tag in {XS + t for t in tags}]

    def occurs(self):
        least, most = self.node.get('minOccurs', '1'), self.node.get('maxOccurs', '1')
        return int(least), MANY if most == 'unbounded' else int(most)


class Schema:
    def __init__(self, path):
        self.named = {kind: {} for kind in ('element', 'attribute', 'complexType', 'simpleType')}
        self.substitutes = {}
        self.every_element = []
        self.documents = {}
        self.load(pathlib.Path(path).resolve())

    def load(self, path):
        if path in self.documents:
            return
        document = self.documents[path] = Document(path)
        for node in document.root:
            if node.tag in (XS + 'import', XS + 'include') and node.get('schemaLocation'):
                self.load((path.parent / node.get('schemaLocation')).resolve())
            kind = node.tag.removeprefix(XS)
            if kind in self.named:
                self.named[kind][document.namespace, node.get('name')] = Declared(document, node)
        for node in document.root.iter(XS + 'element'):
            self.every_element.append(Declared(document, node))
            if node.get('substitutionGroup'):
                self.substitutes.setdefault(document.qname(node.get('substitutionGroup')), []).append(Declared(document, node))

    def instance(self, name, rng, profile):
        """A random element NAME, a global one or (for fragments) any. Where the name has several types, those that can be signed
        (eMAID with an Id, not the one that is plain text)."""
        declared = [e for e in self.every_element if e.node.get('name') == name]
        structured = [e for e in declared if (self.type_of(e) or e).node.tag == XS + 'complexType']
        return Maker(self, rng, profile).element(rng.choice(structured or declared))

    def abstract(self, element):
        kind = self.type_of(element)
        return element.node.get('abstract') == 'true' or (kind is not None and kind.node.get('abstract') == 'true')

    def type_of(self, element):
        """The declaration of its type; None for one that is built in."""
        name = element.qname('type')
        if name is None:
            return element.child('complexType', 'simpleType')
        return self.named['complexType'].get(name) or self.named['simpleType'].get(name)

    def members(self, element):
        """The elements that may stand where ELEMENT is referred to."""
        name = element.document.namespace, element.node.get('name')
        found = [] if self.abstract(element) else [element]
        for substitute in self.substitutes.get(name, []):
            found += self.members(substitute)
        return found


class Maker:
    """Makes one instance."""

    def __init__(self, schema, rng, profile):
        self.schema, self.rng, self.profile = schema, rng, profile

    # ------------------------------------------------ elements

    def element(self, element, listed=False):
        if element.node.get('name') in self.profile.without or self.schema.abstract(element):
            raise Impossible(element.node.get('name'))
        is_global = element.node in list(element.document.root)
        namespace = element.document.namespace if is_global or element.document.qualified['element'] else ''
        kind = self.schema.type_of(element)
        if kind is None or kind.node.tag == XS + 'simpleType':
            return Node(namespace, element.node.get('name'), [], self.simple(kind, element.qname('type')), listed)
        return Node(namespace, element.node.get('name'), self.attributes(kind), self.content(kind), listed)

    def attributes(self, kind):
        base, derived = self.derivation(kind)
        made = self.attributes(base) if base is not None and base.node.tag == XS + 'complexType' else []
        for attribute in derived.children('attribute'):
            if attribute.node.get('use') == 'required' or self.chance():
                made.append(self.attribute(attribute))
        return made

    def attribute(self, attribute):
        if attribute.node.get('ref'):
            attribute = self.schema.named['attribute'][attribute.qname('ref')]
        namespace = attribute.document.namespace if attribute.document.qualified['attribute'] else ''
        name = attribute.qname('type')
        kind = attribute.child('simpleType') if name is None else self.schema.named['simpleType'].get(name)
        return namespace, attribute.node.get('name'), self.simple(kind, name)

    def derivation(self, kind):
        """The type that KIND is derived from (None: none, or a built-in one) and the node that holds its own particles."""
        content = kind.child('complexContent', 'simpleContent')
        if content is None:
            return None, kind
        derived = content.child('extension', 'restriction')
        base = derived.qname('base')
        return self.schema.named['complexType'].get(base) or self.schema.named['simpleType'].get(base), derived

    def content(self, kind):
        base, derived = self.derivation(kind)
        if kind.child('simpleContent') is not None:
            is_complex = base is not None and base.node.tag == XS + 'complexType'
            return self.content(base) if is_complex else self.simple(base, derived.qname('base'))
        extends = base is not None and derived.node.tag == XS + 'extension'
        nodes = self.content(base) if extends else []
        for particle in derived.children('sequence', 'choice'):
            nodes += self.particle(particle)
        return nodes

    # ------------------------------------------------ particles

    def particle(self, particle):
        least, most = particle.occurs()
        nodes = [node for _ in range(least) for node in self.once(particle)]
        try:
            for _ in range(self.count(least, most) - least):
                nodes += self.once(particle)
        except Impossible:
            pass
        return nodes

    def count(self, least, most):
        if most - least <= 1:
            return most if self.chance() else least
        if most < MANY and self.rng.random() < self.profile.full_lists:
            return most
        return self.rng.randint(least, min(most, max(least, 1) + self.profile.repeats)) if self.chance() else least

    def once(self, particle):
        kind = particle.node.tag.removeprefix(XS)
        if kind == 'sequence':
            return [n for part in particle.children('sequence', 'choice', 'element', 'any') for n in self.particle(part)]
        if kind == 'choice':
            return self.first_possible(particle.children('sequence', 'choice', 'element', 'any'), self.particle)
        if kind == 'any':
            raise Impossible('wildcard')
        listed = particle.occurs()[1] > 1
        if particle.node.get('ref'):
            members = self.schema.members(self.schema.named['element'][particle.qname('ref')])
            return self.first_possible(members, lambda member: [self.element(member, listed)])
        return [self.element(particle, listed)]

    def first_possible(self, options, make):
        for option in self.rng.sample(options, len(options)):
            try:
                return make(option)
            except Impossible:
                continue
        raise Impossible('no option')

    def chance(self):
        return self.rng.random() < self.profile.optional

    # ------------------------------------------------ values

    def simple(self, kind, name):
        """A value of the simple type KIND, or of the built-in type NAME."""
        facets, choices = {}, []
        while kind is not None:
            restriction = kind.child('restriction')
            choices = choices or [n.get('value') for n in restriction.node.findall(XS + 'enumeration')]
            for facet in restriction.node:
                facets.setdefault(facet.tag.removeprefix(XS), facet.get('value'))
            name = restriction.qname('base')
            kind = restriction.child('simpleType') if name is None else self.schema.named['simpleType'].get(name)
        if choices:
            return self.rng.choice(choices)
        return self.builtin(name[1], facets)

    def builtin(self, name, facets):
        if name == 'boolean':
            return self.rng.random() < 0.5
        if name in RANGES:
            return self.integer(RANGES[name], facets)
        if name == 'hexBinary':
            return self.octets(facets).hex().upper()
        if name == 'base64Binary':
            return base64.b64encode(self.octets(facets)).decode()
        if name in ('ID', 'IDREF', 'NCName'):
            return 'id' + ''.join(self.rng.choices(PLAIN, k=self.rng.randint(0, 10)))
        if name in ('string', 'anyURI', 'token'):
            characters = self.profile.characters if name == 'string' else PLAIN
            return ''.join(self.rng.choices(characters, k=self.length(facets, self.profile.text_max)))
        raise Impossible(name)

    def integer(self, limits, facets):
        low = max(limits[0], int(facets.get('minInclusive', limits[0])))
        high = min(limits[1], int(facets.get('maxInclusive', limits[1])))
        edges = [low, high, *(v for v in EDGES if low <= v <= high)]
        return self.rng.choice(edges) if self.chance() else self.rng.randint(low, high)

    def octets(self, facets):
        return self.rng.randbytes(self.length(facets, self.profile.octets_max))

    def length(self, facets, own_max):
        if 'length' in facets:
            return int(facets['length'])
        low = int(facets.get('minLength', 0))
        high = min(int(facets.get('maxLength', own_max)), max(low, own_max))
        return self.rng.choice([low, high]) if self.rng.random() < 0.2 else self.rng.randint(low, high)
