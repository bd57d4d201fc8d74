"""tools/check_floors.py finds what it is there to find: every rule has a planted violation, and a clean tree passes.
SPDX-License-Identifier: Apache-2.0
"""
import os
import subprocess
import sys
import tempfile
import unittest

CHECK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "check_floors.py")
LICENCE = "/* A file.\n * SPDX-License-Identifier: Apache-2.0 */\n"

CLEAN = {
    "include/ccs/power.h": '#include <stdint.h>\n#ifdef __cplusplus\nextern "C" {\n#endif\n'
                           'typedef struct ccs_want { int32_t mV; } ccs_want_t;\n'
                           '#ifdef __cplusplus\n}\n#endif\n',
    "src/base/bytes.h": "#include <stddef.h>\nstruct bytes { size_t left; };\nenum { LIMIT = 3 };\n",
    "src/exi/exi.c": '#include "base/bytes.h"\n#include <string.h>\nstatic const char *const names[] = {"a", "free(me)"};\n'
                     "static const struct { int a; } rows[] = {{1}, {2}};\n/* malloc(3) is banned; 1.5 too */\n"
                     "static int take(int a)\n{\n    static_assert(1, \"\");\n"
                     "    static const char *const few[] = {\"x\"};\n    const int time = a;\n"
                     "    return time + names[0][0] + rows[0].a;\n}\n"
                     "int (*const hooks[])(int) = {take};\nstatic void (*const acts[])(int *, const char *) = {0};\n"
                     "extern const int exi_rows[];\n",
    "src/session/answer.c": '#include "ccs/power.h"\n#include "exi/exi.h"\n#include "base/bytes.h"\n',
    "src/session/CMakeLists.txt": "ccs_room(session base exi)\n",
    "ports/linux/link.c": '#include <sys/socket.h>\n#include "ccs/power.h"\n#include "ports/common/outlet.h"\nstatic int opened;\n',
    "apps/evse/main.c": '#include <stdio.h>\n#include "ports/linux/link.h"\n#include "sim/plant.h"\n',
    "tests/exi/test_exi.c": '#include "exi/exi.h"\n#include "din/din.h"\n',
}

# (rule that must fire, path, line in the planted file, text)
PLANTED = [
    ("floor", "src/exi/up.c", 3, '#include "session/answer.h"\n'),
    ("floor", "src/din/across.c", 3, '#include "iso2/iso2.h"\n'),
    ("floor", "src/base/out.c", 3, '#include "ports/common/outlet.h"\n'),
    ("floor", "src/guard/CMakeLists.txt", 1, "ccs_room(guard base session)\n"),
    ("room", "src/guard/talks.c", 3, '#include "exi/exi.h"\n'),
    ("room", "ports/linux/inside.c", 3, '#include "din/din.h"\n'),
    ("room", "apps/evse/inside.c", 3, '#include "secc/secc_private.h"\n'),
    ("room", "sim/up.c", 3, '#include "ports/linux/link.h"\n'),
    ("room", "ports/common/up.c", 3, '#include "ports/linux/link.h"\n'),
    ("room", "include/ccs/inside.h", 3, '#include "base/bytes.h"\n'),
    ("room", "src/cellar/new.c", 1, "int cellar(void);\n"),
    ("room", "attic/new.c", 1, "int attic(void);\n"),
    ("include", "src/exi/way.c", 3, '#include "../base/bytes.h"\n'),
    ("system", "src/session/socket.c", 3, "#include <sys/socket.h>\n"),
    ("system", "src/tls/library.c", 3, "#include <openssl/ssl.h>\n"),
    ("system", "src/secc/idf.c", 3, "#include <esp_log.h>\n"),
    ("system", "src/exi/heap.c", 3, "#  include <stdlib.h>\n"),
    ("system", "include/ccs/output.h", 3, "#include <stdio.h>\n"),
    ("state", "src/exi/counter.c", 3, "static int counter;\n"),
    ("state", "src/exi/initial.c", 3, "int counter = 3;\n"),
    ("state", "src/exi/pointer.c", 3, "static const char *name = 0;\n"),
    ("state", "src/exi/table.c", 3, 'static const char *names[] = {"a", "b"};\n'),
    ("state", "src/exi/record.c", 3, "static struct { int a; } state;\n"),
    ("state", "src/exi/tagged.c", 3, "struct thing the_thing;\n"),
    ("state", "src/exi/hook.c", 3, "static void (*hook)(void);\n"),
    ("state", "src/exi/foreign.c", 3, "extern int shared;\n"),
    ("state", "src/exi/after.c", 6, "int f(void)\n{\n}\nstatic int later;\n"),
    ("state", "src/exi/local.c", 5, "int f(void)\n{\n    static int calls;\n    return calls;\n}\n"),
    ("state", "src/exi/localtable.c", 5, 'int f(void)\n{\n    static const char *names[] = {"a"};\n    return names[0][0];\n}\n'),
    ("state", "src/exi/cxx.h", 6, '#ifdef __cplusplus\nextern "C" {\n#endif\nint shared;\n'),
    ("float", "src/charge/volts.c", 3, "float volts(void);\n"),
    ("float", "src/charge/number.c", 5, "int f(void)\n{\n    return (int)(3 * 1.5);\n}\n"),
    ("banned", "src/exi/heap2.c", 5, "int f(void)\n{\n    free(0);\n}\n"),
    ("banned", "src/exi/print.c", 5, "int f(void)\n{\n    printf(\"x\");\n}\n"),
    ("banned", "src/exi/macro.c", 3, "#define COPY(a, b) strcpy(a, b)\n"),
    ("banned", "src/exi/clock.c", 5, "int f(void)\n{\n    return (int)time (0);\n}\n"),
    ("banned", "src/exi/assert.c", 5, "int f(int a)\n{\n    assert(a);\n    return a;\n}\n"),
    ("banned", "ports/linux/copy.c", 5, "int f(char *a)\n{\n    strcpy(a, a);\n}\n"),
    ("banned", "sim/heap.c", 5, "int f(void)\n{\n    malloc(1);\n}\n"),
    ("columns", "apps/evse/wide.c", 3, "/*" + "x" * 140 + "*/\n"),
    ("blanks", "apps/evse/trail.c", 3, "int a; \n"),
    ("blanks", "apps/evse/tab.c", 3, "\tint a;\n"),
]


def plant(root, path, text):
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "w", encoding="utf-8") as file:
        file.write(text)


def check(root):
    done = subprocess.run([sys.executable, CHECK, "--root", root], capture_output=True, text=True)
    return done.returncode, done.stdout.splitlines()


class Floors(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = self.folder.name
        for path, text in CLEAN.items():
            plant(self.root, path, text if path.endswith(".txt") else LICENCE + text)

    def tearDown(self):
        self.folder.cleanup()

    def test_a_clean_tree_passes(self):
        self.assertEqual(check(self.root), (0, []))

    def test_each_planted_violation_is_found_alone(self):
        for rule, path, line, text in PLANTED:
            with self.subTest(path=path):
                plant(self.root, path, text if path.endswith(".txt") else LICENCE + text)
                code, found = check(self.root)
                self.assertEqual(code, 1)
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(f"{path}:{line}: {rule}:"), found[0])
                os.remove(os.path.join(self.root, path))

    def test_a_file_without_licence_is_found(self):
        plant(self.root, "src/exi/bare.c", "int a(void);\n\n\n\nint b(void);\n")
        self.assertEqual([line.split(": ")[1] for line in check(self.root)[1]], ["licence"])

    def test_build_folders_are_not_read(self):
        plant(self.root, "build/release/made.c", "static int counter;\n")
        self.assertEqual(check(self.root), (0, []))


if __name__ == "__main__":
    unittest.main()
