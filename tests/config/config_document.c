/* Prints docs/CONFIG.md from the tables of keys.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ports/common/config/car.h"
#include "ports/common/config/charger.h"

static const char head[] =
    "# Settings\n"
    "\n"
    "<!-- Written by tests/config/documents.py --write from the tables in ports/common/config; do not edit. -->\n"
    "\n"
    "`ccs-evse` and `ccs-ev` read an INI file (`--config FILE`): `[section]`, `key = value`; comments begin with `#` or `;`, also "
    "behind a\n"
    "value. Unknown sections and keys are refused with file and line. `--set section.key=value` wins over the file; the section "
    "may be left\n"
    "out where the key is unique. `--print-config` prints the settings in force as a file, with every key explained.\n"
    "\n"
    "Units stand at the end of a key: mV, mA, W, Wh, ms, s, mA per s, dC (tenths of a degree), permille.\n"
    "\n"
    "The EVSEID has a form for each protocol. ISO 15118 takes `evse_id` as it stands. DIN 70121 takes octets (DIN 91286, for "
    "example\n"
    "`49A80737A45678`): give them as `evse_id_din`, or the characters of `evse_id` are sent as octets.\n";

int main(void)
{
    static charger_settings_t charger;
    static car_settings_t car;
    const settings_t charger_table = charger_settings_table(&charger);
    const settings_t car_table = {.row = car_rows, .count = car_rows_count, .values = &car};
    charger_settings_defaults(&charger);
    car_settings_defaults(&car);
    printf("%s\n## ccs-evse\n", head);
    settings_document(&charger_table, stdout);
    printf("\n## ccs-ev\n");
    settings_document(&car_table, stdout);
    return 0;
}
