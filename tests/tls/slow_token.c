/* A PKCS#11 module that is another one, but for signatures: they take as long as the test likes. While the FIFO that
 * SLOW_TOKEN_GATE names is there, C_Sign() leaves a file GATE.waiting and waits until somebody writes to the FIFO.
 * SLOW_TOKEN_MODULE: the module that does the work.
 * SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* PKCS#11 2.40, as much of it as is needed: a version, then 68 functions in a fixed order, of which the 44th is C_Sign(). */
enum { FUNCTIONS = 68, SIGN = 43, FAILED = 5 };

typedef void (*function_t)(void);
typedef struct function_list {
    unsigned char major, minor;
    function_t function[FUNCTIONS];
} function_list_t;

typedef unsigned long (*list_t)(function_list_t **list);
typedef unsigned long (*sign_t)(unsigned long session, unsigned char *data, unsigned long length, unsigned char *signature,
                                unsigned long *size);

static function_list_t functions;
static sign_t sign_at_once;

static void wait_at_the_gate(void)
{
    const char *const gate = getenv("SLOW_TOKEN_GATE");
    char waiting[400], octet;
    if (!gate || access(gate, F_OK) != 0) {
        return;
    }
    (void)snprintf(waiting, sizeof waiting, "%s.waiting", gate);
    (void)close(open(waiting, O_CREAT | O_WRONLY, 0600));
    const int fd = open(gate, O_RDONLY);
    (void)!read(fd, &octet, 1);
    (void)close(fd);
    (void)unlink(waiting);
}

static unsigned long sign_slowly(unsigned long session, unsigned char *data, unsigned long length, unsigned char *signature,
                                 unsigned long *size)
{
    wait_at_the_gate();
    return sign_at_once(session, data, length, signature, size);
}

/* dlsym() gives an object pointer; POSIX says that it may be copied into one to a function. */
static function_t find(void *module, const char *name)
{
    function_t found = NULL;
    void *const symbol = dlsym(module, name);
    memcpy(&found, &symbol, sizeof found);
    return found;
}

unsigned long C_GetFunctionList(function_list_t **list);
unsigned long C_GetFunctionList(function_list_t **list)
{
    function_list_t *inner = NULL;
    const char *const name = getenv("SLOW_TOKEN_MODULE");
    void *const module = name ? dlopen(name, RTLD_NOW) : NULL;
    const list_t inner_list = module ? (list_t)find(module, "C_GetFunctionList") : NULL;
    if (!inner_list || inner_list(&inner) != 0) {
        return FAILED;
    }
    functions = *inner;
    sign_at_once = (sign_t)functions.function[SIGN];
    functions.function[SIGN] = (function_t)sign_slowly;
    *list = &functions;
    return 0;
}
