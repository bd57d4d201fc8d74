#!/usr/bin/env python3
"""Our EXI codec before foreign judges: fresh random messages and signature fragments of every set, octets and content, both ways.

    judge.py --bin BUILD/bin [--count N] [--seed N] [SET ...]

Each message is made from the standards' XSD files alone (instances.py). Two judges encode it from XML: EXIficient with grammars
it builds from those files, and the codec inside Josev with the grammars it was shipped with. Then, message by message:

    encode     must write the same octets
    roundtrip  must read their octets and write them again
    decode     must read the same content

Exit: 0 all agree, 1 not, 77 something is not at hand (with CI=true that is a failure).
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import contextlib
import dataclasses
import json
import pathlib
import random
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / 'tools/interop'))
import instances    # noqa: E402
import peers        # noqa: E402

LIMIT_S = 300
SHOWN = 5
JOSEV_GRAMMAR = 'class:com.siemens.ct.exi.main.generatedgrammar.'


@dataclasses.dataclass(frozen=True)
class Set:
    """A message set of ours, and where others know it from."""
    name: str
    notation: str               # our own schema file
    xsd: str                    # the standard's
    josev: str                  # the grammar class of Josev's codec

    def roots(self, what):
        """The elements that our notation takes as `documents` or as `fragments`."""
        text = (peers.ROOT / 'schema' / self.notation).read_text(encoding='utf-8')
        section = re.search(rf'^{what} \d+\n((?: .*\n)*)', text, re.MULTILINE)
        return [line.split()[1] for line in section.group(1).splitlines()]


SETS = [
    Set('sap', 'sap.schema', 'sap/V2G_CI_AppProtocol.xsd', 'CommonAppProtocol'),
    Set('din', 'din.schema', 'din/V2G_CI_MsgDef.xsd', 'DINSpec_70121'),
    Set('iso2', 'iso2.schema', 'iso2/V2G_CI_MsgDef.xsd', 'ISO15118_2Grammar'),
    Set('iso20', 'iso20_common.schema', 'iso20/V2G_CI_CommonMessages.xsd', 'ISO15118_20_V2G_CI_CommonMessages'),
    Set('iso20-dc', 'iso20_dc.schema', 'iso20/V2G_CI_DC.xsd', 'ISO15118_20_V2G_CI_DC'),
    Set('xmldsig', 'xmldsig.schema', 'iso2/xmldsig-core-schema.xsd', 'XMLDSIG_Core_Schema_Grammar'),
]

# Share of the messages and how they are made. Full lists are left out: the codec inside Josev has a defect at exactly maxOccurs.
PROFILES = [
    (0.5, instances.Profile(optional=0.6, repeats=1)),
    (0.3, instances.Profile(optional=0.8, repeats=3, text_max=80, octets_max=200)),
    (0.2, instances.Profile(optional=0.7, repeats=2, characters=instances.HARD, without=frozenset())),
]


def questions(message_set, what, count, rng):
    """COUNT random documents or fragments, the names in turn. A name whose every content is wildcards is left out."""
    schema = instances.Schema(peers.schemas() / message_set.xsd)
    names = message_set.roots(what)
    made = []
    for share, profile in PROFILES:
        for i in range(round(count * share)):
            with contextlib.suppress(instances.Impossible):
                made.append(schema.instance(names[i % len(names)], rng, profile))
    return made


def lines_through(command, lines):
    """One answer for each line."""
    run = subprocess.run([str(word) for word in command], input='\n'.join(lines) + '\n', capture_output=True, encoding='utf-8',
                         timeout=LIMIT_S, check=False)
    answers = run.stdout.split('\n')[:-1]
    if len(answers) != len(lines):
        sys.exit(f'{command}: {len(lines)} lines in, {len(answers)} out\n{run.stderr[-2000:]}')
    return answers


class Judge:
    """One foreign codec."""

    def __init__(self, name, jars, classes):
        self.name, self.path = name, f'{classes}:{jars}'

    def encode(self, grammar, nodes, fragment):
        """Octets of each node; ends the run when the judge does not know its own mind."""
        mark = 'f:' if fragment else ''
        command = ['java', '-XX:+UseSerialGC', '-Xmx400m', '-cp', self.path, 'Oracle', grammar]
        answers = [line.split('\t') for line in lines_through(command, [mark + node.xml() for node in nodes])]
        for node, answer in zip(nodes, answers):
            if answer[1:2] != ['same'] or json.loads(answer[2]) != node.tree():
                sys.exit(f'{self.name} contradicts itself: {node.xml()}\n{answer}')
        return [answer[0] for answer in answers]


class Codec:
    """Ours: ccs-dump, and its codec by the line."""

    def __init__(self, folder):
        self.folder = folder

    def lines(self, verb, name, lines):
        return lines_through([self.folder / 'codec_lines', verb, name], lines)

    def encode(self, name, nodes):
        return self.lines('encode', name, [json.dumps(node.json()) for node in nodes])

    def decode(self, name, octets):
        return self.lines('decode', name, octets)

    def roundtrip(self, name, octets):
        return lines_through([self.folder / 'ccs-dump', 'roundtrip'], [f'{name} {line}' for line in octets])


def as_text(value):
    """Our JSON in the judge's shape: every value text, a list of one without its brackets, equal names together."""
    if isinstance(value, dict):
        return {name: as_text(member) for name, member in grouped(value).items()}
    if isinstance(value, list):
        return as_text(value[0]) if len(value) == 1 else [as_text(member) for member in value]
    if isinstance(value, bool):
        return 'true' if value else 'false'
    return str(value)


def grouped(members):
    """"*": [{"A": ..}, {"B": ..}, {"A": ..}] keeps an order that the judge's shape does not have."""
    plain = {name: member for name, member in members.items() if name != '*'}
    for item in members.get('*', []):
        for name, member in item.items():
            plain.setdefault(name, []).append(member)
    return plain


def complaints(codec, name, nodes, octets):
    """Where our codec disagrees."""
    encoded = codec.encode(name, nodes)
    again = codec.roundtrip(name, octets)
    read = codec.decode(name, octets)
    for node, right, ours, back, content in zip(nodes, octets, encoded, again, read):
        if ours.lower() != right:
            yield f'encode\n  {right}\n  {ours}\n  {node.xml()}'
        if back.lower() != right:
            yield f'roundtrip\n  {right}\n  {back}\n  {node.xml()}'
        if content.startswith('error') or as_text(json.loads(content)) != node.tree():
            yield f'decode\n  {right}\n  {content}\n  {json.dumps(node.tree())}'


def trial(codec, judges, message_set, what, options):
    """One set before all judges; the number of disagreements."""
    fragment = what == 'fragments'
    nodes = questions(message_set, what, options.count, random.Random(f'{options.seed} {message_set.name} {what}'))
    bad = 0
    for judge, grammar in judges:
        begin = time.monotonic()
        octets = judge.encode(grammar(message_set), nodes, fragment)
        found = list(complaints(codec, message_set.name + ('-frag' if fragment else ''), nodes, octets))
        bad += len(found)
        for complaint in found[:SHOWN]:
            print(f'DIFFERS from {judge.name}: {message_set.name} {complaint}')
        print(f'{message_set.name:9}{what:10} {judge.name:11}{len(octets):6} asked {len(set(octets)):6} distinct '
              f'{sum(map(len, octets)) // 2 // len(octets):5} octets each {len(found):4} disagree {time.monotonic() - begin:5.1f} s', flush=True)
    return bad


def run(options):
    jars = peers.exificient()
    classes = peers.java_classes(HERE / 'Oracle.java', jars)
    judges = [(Judge('EXIficient', f'{jars}/*', classes), lambda s: peers.schemas() / s.xsd),
              (Judge('Josev', peers.josev_package() / 'shared/EXICodec.jar', classes), lambda s: JOSEV_GRAMMAR + s.josev)]
    codec = Codec(options.bin)
    print(f'seed {options.seed}')
    chosen = [s for s in SETS if s.name in options.sets or not options.sets]
    bad = sum(trial(codec, judges, s, what, options) for s in chosen for what in ('documents', 'fragments'))
    return 1 if bad else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--bin', type=pathlib.Path, required=True, help='folder of ccs-dump and codec_lines')
    parser.add_argument('--count', type=int, default=600, help='messages of each set')
    parser.add_argument('--seed', type=int, default=random.randrange(1 << 31), help='is printed, so that a run can be repeated')
    parser.add_argument('sets', nargs='*', metavar='SET')
    try:
        return run(parser.parse_args())
    except peers.Missing as missing:
        return peers.skip(missing)


sys.exit(main())
