/* --hal FILE.so: a Power HAL that a charger maker built apart.
 * SPDX-License-Identifier: Apache-2.0 */
#include "power.h"

#include <dlfcn.h>
#include <string.h>

static bool refuse(char error[SETTINGS_ERROR_SIZE], const char *path, const char *why)
{
    snprintf(error, SETTINGS_ERROR_SIZE, "--hal %.200s: %.250s", path, why);
    return false;
}

bool hal_plugin_open(ccs_hal_plugin_t *plugin, const char *path, const char *options, char error[SETTINGS_ERROR_SIZE])
{
    ccs_hal_open_t open = NULL;
    if (strchr(path, '/') == NULL) {
        return refuse(error, path, "neither 'sim', 'control' nor a path with a '/' in it");
    }
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        return refuse(error, path, dlerror());
    }
    void *symbol = dlsym(library, CCS_HAL_OPEN);
    if (symbol == NULL) {
        return refuse(error, path, "has no function " CCS_HAL_OPEN);
    }
    memcpy(&open, &symbol, sizeof open); /* POSIX: the two are of one size */
    const char *why = open(options, plugin);
    if (why != NULL) {
        return refuse(error, path, why);
    }
    if (plugin->abi != CCS_HAL_ABI) {
        return refuse(error, path, "was built for another version of hal.h");
    }
    if (plugin->name == NULL || plugin->hal.sample == NULL || plugin->hal.apply == NULL) {
        return refuse(error, path, "has no name, sample or apply");
    }
    return true;
}
