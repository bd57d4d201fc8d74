/* Credentials from files: what ccs-pki writes loads, and what is wrong is named.
 * SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ports/tls/files.h"

static char folder[64], paths[16][128];
static size_t paths_count;

static const char *path_of(const char *name)
{
    char *const path = paths[paths_count++ % 16];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static const char *write_certificates(mint_kind_t kind, const char *name, const char *names)
{
    const minted_t *found[CASE_CERTIFICATES_MAX];
    const char *const path = path_of(name);
    FILE *const file = fopen(path, "w");
    const size_t count = case_certificates(&world.tree[kind], names, found);
    assert_non_null(file);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(PEM_write_X509(file, found[i]->x509), 1);
    }
    assert_int_equal(fclose(file), 0);
    return path;
}

static const char *write_key(mint_kind_t kind, const char *name, const char *of, const char *password, mode_t mode)
{
    const char *const path = path_of(name);
    FILE *const file = fopen(path, "w");
    EVP_PKEY *const key = tree_find(&world.tree[kind], of)->key;
    assert_non_null(file);
    const EVP_CIPHER *const cipher = password ? EVP_aes_128_cbc() : NULL;
    assert_int_equal(
        PEM_write_PrivateKey(file, key, cipher, (const unsigned char *)password, password ? (int)strlen(password) : 0, NULL, NULL),
        1);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static const char *write_octets(const char *name, const void *octets, size_t length)
{
    const char *const path = path_of(name);
    FILE *const file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(octets, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    return path;
}

static tls_files_t usual(void)
{
    return (tls_files_t){.chain_12 = write_certificates(MINT_P256, "2.pem", "secc cposub2 cposub1"),
                         .key_12 = write_key(MINT_P256, "2.key", "secc", NULL, 0600),
                         .chain_13 = write_certificates(MINT_P521, "20.pem", "secc cposub2 cposub1"),
                         .key_13 = write_key(MINT_P521, "20.key", "secc", NULL, 0600),
                         .roots_v2g = write_certificates(MINT_P521, "v2g.pem", "v2groot v2groot2"),
                         .roots_oem = write_certificates(MINT_P521, "oem.pem", "oemroot")};
}

static void a_charger_and_a_car_from_files_meet(void **state)
{
    char error[TLS_FILES_ERROR] = "";
    const tls_site_t site = {.allows_12 = true, .allows_13 = true};
    (void)state;
    for (size_t i = 0; i < world.backends; i++) {
        const tls_backend_t *const backend = world.backend[i];
        world_reset();
        if (world_last_kind(backend) != MINT_P521) {
            continue;
        }
        const tls_files_t files = usual();
        tls_server_t *const server = tls_files_server(backend, &files, &site, error);
        assert_string_equal(error, "");
        assert_non_null(server);
        assert_int_equal(server->root[1].name.length > 0, 1); /* found among the roots */
        const tls_files_t of_car = {.chain_13 = write_certificates(MINT_P521, "car.pem", "vehicle vehsub2 vehsub1"),
                                    .key_13 = write_key(MINT_P521, "car.key", "vehicle", NULL, 0600),
                                    .roots_v2g = files.roots_v2g};
        const tls_client_config_t config = {.backend = backend, .offers_13 = true, .tells_roots = true};
        tls_client_t *const client = tls_files_client(&config, &of_car, error);
        assert_string_equal(error, "");
        assert_non_null(client);

        tls_setup_t setup = {.wire = world_wire(&world.charger), .now_ms = world.now_ms, .utc_s = TREE_NOW_S};
        tls_link_open_server(&world.charger.link, server, &setup);
        tls_server_drop(server); /* the link still stands on it */
        setup.wire = world_wire(&world.car);
        tls_link_open_client(&world.car.link, client, &setup);
        world_talk();
        world_expect_open(13);
        tls_link_free(&world.charger.link); /* and with it the snapshot goes */
        tls_link_free(&world.car.link);
        memset(&world.charger, 0, sizeof world.charger);
        memset(&world.car, 0, sizeof world.car);
        tls_files_client_free(client);
    }
    world_reset();
}

static void expect_refused(const tls_files_t *files, const char *why)
{
    char error[TLS_FILES_ERROR] = "";
    const tls_site_t site = {.allows_12 = true, .allows_13 = true};
    assert_null(tls_files_server(world.backend[0], files, &site, error));
    if (!strstr(error, why)) {
        fail_msg("\"%s\" does not say \"%s\"", error, why);
    }
}

static void what_is_wrong_with_a_file_is_named(void **state)
{
    (void)state;
    tls_files_t files = usual();
    files.key_12 = write_key(MINT_P256, "open.key", "secc", NULL, 0644);
    expect_refused(&files, "open.key: not there, or other users may read this key");
    files = usual();
    files.key_12 = path_of("absent");
    expect_refused(&files, "absent: not there");
    files = usual();
    files.key_12 = write_key(MINT_P256, "other.key", "cps", NULL, 0600);
    expect_refused(&files, "2.pem: not the certificate of its key");
    files = usual();
    files.key_12 = NULL;
    expect_refused(&files, "a chain needs its key");
    files = usual();
    files.chain_13 = write_octets("nonsense", "nonsense", 8);
    expect_refused(&files, "nonsense: not strict DER");
    files = usual();
    files.roots_oem = write_certificates(MINT_P521, "leaf.pem", "secc");
    expect_refused(&files, "leaf.pem: ");
    files = usual();
    files.roots_v2g = path_of("absent");
    expect_refused(&files, "absent: cannot be read");
    files = usual();
    files.chain_12 = write_certificates(MINT_P521, "large.pem", "secc cposub2 cposub1");
    files.key_12 = files.key_13;
    expect_refused(&files, "large.pem: not the certificate of its key, or a key of another version");
}

static void der_and_an_encrypted_key_load_as_well(void **state)
{
    char error[TLS_FILES_ERROR] = "";
    const tls_site_t site = {.allows_12 = true};
    const minted_t *const leaf = tree_find(&world.tree[MINT_P256], "secc_private");
    const minted_t *const root = tree_find(&world.tree[MINT_P256], "privroot");
    (void)state;
    tls_files_t files = {.chain_12 = write_octets("leaf.der", leaf->der, leaf->length),
                         .key_12 = write_key(MINT_P256, "secret.key", "secc_private", "12345", 0600),
                         .password = write_octets("password", "12345\n", 6),
                         .roots_v2g = write_octets("root.der", root->der, root->length)};
    tls_server_t *const server = tls_files_server(world.backend[0], &files, &site, error);
    assert_string_equal(error, "");
    assert_non_null(server);
    assert_int_equal(tls_server_judge(server, 0, TREE_NOW_S).reason, PKI_GOOD);
    tls_server_drop(server);
    files.password = write_octets("wrong", "54321\n", 6);
    expect_refused(&files, "secret.key: no private key");
}

static int make(void **state)
{
    (void)snprintf(folder, sizeof folder, "/tmp/ccs-tls-files-XXXXXX");
    return mkdtemp(folder) ? world_make(state) : -1;
}

static int clear(void **state)
{
    static const char *const names[] = {"2.pem",    "2.key",    "20.pem",    "20.key",     "v2g.pem",   "oem.pem",
                                        "car.pem",  "car.key",  "open.key",  "wrong",      "other.key", "nonsense",
                                        "leaf.pem", "leaf.der", "large.pem", "secret.key", "root.der",  "password"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)unlink(path_of(names[i]));
    }
    (void)rmdir(folder);
    return world_free(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_charger_and_a_car_from_files_meet),
        cmocka_unit_test(what_is_wrong_with_a_file_is_named),
        cmocka_unit_test(der_and_an_encrypted_key_load_as_well),
    };
    return cmocka_run_group_tests(tests, make, clear);
}
