"""Where the peers come from that we did not write: fetched when a test needs them, pinned by version and digest, kept in a cache.

    peers.josev()            the Python of an environment that holds Josev (PyPI iso15118) and nothing that is not in josev.lock
    peers.exificient()       the folder of EXIficient's jars (Maven Central), each as in exificient.lock
    peers.java_classes(...)  a folder with a compiled Java source of ours
    peers.schemas()          the folder of the standards' XSD files: of CCS_SHARED, else of the package iso15118

The cache is $XDG_CACHE_HOME/ccs2-dc (default ~/.cache/ccs2-dc); nothing is written into the source tree. A second run fetches
nothing. Missing() says what is not at hand here; skip() turns it into a loud skip (exit 77), in CI into a failure.
SPDX-License-Identifier: Apache-2.0
"""
import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SKIPPED = 77
FETCH_LIMIT_S = 240


class Missing(Exception):
    """A tool or the network is not at hand: the caller may skip."""


def skip(why):
    """Ends the process: skipped, and as a failure where CI=true promises that everything is at hand."""
    failing = os.environ.get('CI', '').lower() in ('true', '1')
    print(f"{'FAILED (CI may not skip)' if failing else 'SKIPPED'}: {why}", flush=True)
    sys.exit(1 if failing else SKIPPED)


def cache():
    return pathlib.Path(os.environ.get('XDG_CACHE_HOME') or pathlib.Path.home() / '.cache') / 'ccs2-dc'


def need(*programs):
    """The Debian package that brings each program stands behind it."""
    missing = [f'{name} (package {package})' for name, package in programs if not shutil.which(name)]
    if missing:
        raise Missing('not installed: ' + ', '.join(missing))


def digest(*paths):
    return hashlib.sha256(b''.join(pathlib.Path(p).read_bytes() for p in paths)).hexdigest()


def complaint(text):
    """The first line that says what went wrong, without colours."""
    lines = [re.sub(r'\x1b\[[0-9;]*m', '', line).strip() for line in text.splitlines()]
    said = [line for line in lines if 'ERROR' in line] or [line for line in lines if line][-1:]
    return (said or ['no output'])[0][:200]


def fetch(command, what):
    """Runs a package manager. A digest that differs is never a reason to skip."""
    try:
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=FETCH_LIMIT_S)
    except subprocess.TimeoutExpired:
        raise Missing(f'{what}: nothing came within {FETCH_LIMIT_S} s') from None
    if 'DO NOT MATCH THE HASHES' in run.stdout:
        sys.exit(f'{what}: digest differs from the lock file\n{run.stdout}')
    if run.returncode:
        raise Missing(f'{what} cannot be fetched: {complaint(run.stdout)}')


def made_once(name, make):
    """The folder NAME of the cache; make(folder) fills it when it is not complete yet. Safe for parallel runs."""
    folder = cache() / name
    cache().mkdir(parents=True, exist_ok=True)
    with open(cache() / f'{name}.lock', 'w', encoding='ascii') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / 'complete').exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            (folder / 'complete').touch()
    return folder


def josev():
    need(('python3', 'python3-venv'), ('java', 'openjdk-17-jre-headless'))
    lock = HERE / 'josev.lock'

    def make(folder):
        fetch([sys.executable, '-m', 'venv', folder / 'venv'], 'a Python environment')
        fetch([folder / 'venv/bin/python', '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '--retries', '1',
               '--require-hashes', '--only-binary', ':all:', '-r', lock], 'Josev (PyPI iso15118)')

    version = f'{sys.version_info.major}.{sys.version_info.minor}'
    return made_once(f'josev-{digest(lock)[:12]}-python{version}', make) / 'venv/bin/python'


def josev_package():
    """The folder of its Python package; it carries the schemas and a Java codec."""
    return next((josev().parent.parent / 'lib').glob('python3*/site-packages/iso15118'))


def exificient():
    need(('mvn', 'maven'), ('java', 'openjdk-17-jre-headless'))
    lock = HERE / 'exificient.lock'

    def make(folder):
        shutil.copy(HERE / 'pom.xml', folder)
        fetch(['mvn', '-q', '-B', f'-Dmaven.repo.local={cache()}/maven', '-f', folder / 'pom.xml', 'dependency:copy-dependencies',
               f'-DoutputDirectory={folder}/lib'], 'EXIficient (Maven Central)')

    folder = made_once(f'exificient-{digest(lock, HERE / "pom.xml")[:12]}', make) / 'lib'
    for line in lock.read_text(encoding='ascii').splitlines():
        want, name = line.split()
        if digest(folder / name) != want:
            sys.exit(f'{name}: digest differs from exificient.lock')
    return folder


def java_classes(source, jars):
    """SOURCE compiled against the jars of a folder, once per state of both."""
    need(('javac', 'openjdk-17-jdk-headless'))

    def make(folder):
        subprocess.run(['javac', '-d', folder, '-cp', f'{jars}/*', source], check=True, timeout=120)

    key = hashlib.sha256((digest(source) + str(jars)).encode()).hexdigest()[:12]
    return made_once(f'{pathlib.Path(source).stem.lower()}-{key}', make)


def shared():
    """The folder of material that is not ours to commit (vectors, schemas), or None."""
    folder = pathlib.Path(os.environ.get('CCS_SHARED') or ROOT.parent / 'shared')
    return folder if folder.is_dir() else None


def schemas():
    """A folder with the layout sap/ din/ iso2/ iso20/, each with everything its root schema includes."""
    if shared() and (shared() / 'schemas').is_dir():
        return shared() / 'schemas'
    package = josev_package() / 'shared/schemas'
    signature = package / 'xmldsig-core-schema.xsd'

    def make(folder):
        for ours, theirs in ('din', 'din_spec'), ('iso2', 'iso15118_2'), ('iso20', 'iso15118_20'):
            shutil.copytree(package / theirs, folder / ours)
            shutil.copy(signature, folder / ours)
        (folder / 'sap').mkdir()
        shutil.copy(package / 'V2G_CI_AppProtocol.xsd', folder / 'sap')

    return made_once('schemas-' + digest(HERE / 'josev.lock')[:12], make)
