/* TLS beside the loop: a handshake that computes as long as the test likes, over TCP on loopback. Whoever waits is named; nobody
 * else does. SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ports/linux/tls_links.h"
#include "ports/tls/backend.h"
#include "world.h"

/* ---- a library with a gate */

static struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t moved;
    bool shut;
    unsigned waiting; /* before it */
} gate = {.mutex = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER};

static void gate_set(bool shut)
{
    pthread_mutex_lock(&gate.mutex);
    gate.shut = shut;
    pthread_cond_broadcast(&gate.moved);
    pthread_mutex_unlock(&gate.mutex);
}

static void gate_pass(void)
{
    pthread_mutex_lock(&gate.mutex);
    gate.waiting++;
    pthread_cond_broadcast(&gate.moved);
    while (gate.shut) {
        pthread_cond_wait(&gate.moved, &gate.mutex);
    }
    gate.waiting--;
    pthread_mutex_unlock(&gate.mutex);
}

static bool gate_is_waited_at(void)
{
    pthread_mutex_lock(&gate.mutex);
    const bool has = gate.waiting > 0;
    pthread_mutex_unlock(&gate.mutex);
    return has;
}

/* The library of the chargers: OpenSSL, as slow as a token can be. */
static tls_backend_t slow;

static tls_result_t handshake_slowly(tls_engine_t *engine)
{
    gate_pass();
    return tls_openssl()->handshake(engine);
}

/* ---- two chargers and their cars */

typedef struct side {
    tls_links_t links;
    int fd[CCS_LINKS];
    tls_result_t result[CCS_LINKS];
    unsigned good, bad;
} side_t;

static struct scene {
    side_t charger[2], car[2];
    tls_server_t server;
    tls_client_t client;
    unsigned gone;
} scene;

static void told(void *ctx, const ccs_endpoint_t *peer, const tls_facts_t *facts)
{
    side_t *const side = ctx;
    (void)peer;
    side->good += facts->failure == TLS_FAILURE_NONE;
    side->bad += facts->failure != TLS_FAILURE_NONE;
}

static void gone(void *ctx)
{
    (void)ctx;
    scene.gone++;
}

static int64_t now_s(void *ctx)
{
    (void)ctx;
    return TREE_NOW_S;
}

static void side_open(side_t *side)
{
    memset(side, 0, sizeof *side);
    tls_links_init(&side->links);
    side->links.server = &scene.server;
    side->links.client = &scene.client;
    side->links.told = told;
    side->links.utc_s = now_s;
    side->links.ctx = side;
}

static int scene_open(void **state)
{
    size_t which = 0;
    (void)state;
    world_reset();
    memset(&scene, 0, sizeof scene);
    slow = *tls_openssl();
    slow.handshake = handshake_slowly;
    tls_server_config_t server = world_charger(&slow, MINT_P256);
    server.gone = gone;
    const tls_client_config_t client = world_car(tls_openssl(), MINT_P256);
    assert_int_equal(tls_server_init(&scene.server, &server, &which), CCS_OK);
    assert_int_equal(tls_client_init(&scene.client, &client), CCS_OK);
    for (size_t i = 0; i < 2; i++) {
        side_open(&scene.charger[i]);
        side_open(&scene.car[i]);
    }
    return 0;
}

static void link_end(side_t *side, size_t index, tls_links_end_t how)
{
    tls_links_end(&side->links, index, how);
    if (side->fd[index] > 0) {
        close(side->fd[index]);
    }
    side->fd[index] = 0;
}

static int scene_close(void **state)
{
    side_t *const sides[] = {&scene.charger[0], &scene.charger[1], &scene.car[0], &scene.car[1]};
    (void)state;
    gate_set(false);
    for (size_t i = 0; i < 4; i++) {
        for (size_t k = 0; k < CCS_LINKS; k++) {
            link_end(sides[i], k, TLS_LINKS_AT_ONCE);
        }
        tls_links_close(&sides[i]->links);
    }
    assert_int_equal(scene.server.links, 0);
    tls_server_drop(&scene.server);
    assert_int_equal(scene.gone, 1);
    tls_client_free(&scene.client);
    world_reset();
    return 0;
}

static void unblock(int fd)
{
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
}

/* TCP between a link of a charger and the same link of its car. */
static void plug(size_t outlet, size_t index)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    const ccs_endpoint_t peer = {.port = 1};
    side_t *const charger = &scene.charger[outlet], *const car = &scene.car[outlet];
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    car->fd[index] = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(car->fd[index], (struct sockaddr *)&address, length), 0);
    charger->fd[index] = accept(listener, NULL, NULL);
    close(listener);
    unblock(car->fd[index]);
    unblock(charger->fd[index]);
    charger->result[index] = car->result[index] = TLS_AGAIN;
    assert_true(tls_links_accept(&charger->links, index, charger->fd[index], &peer));
    assert_true(tls_links_connect(&car->links, index, car->fd[index], &peer));
    assert_int_equal(tls_links_step(&car->links, index, &(ccs_peer_t){0}), TLS_AGAIN);
}

/* ---- the loop, as a port has it */

static void go_on(side_t *side, size_t index, bool moved)
{
    ccs_peer_t peer;
    const bool over = side->result[index] != TLS_AGAIN;
    if (tls_links_has(&side->links, index) && !over && (moved || tls_links_done(&side->links, index))) {
        side->result[index] = tls_links_step(&side->links, index, &peer);
    }
}

/* One round over everything; what waits for the gate does not hold it up. */
static void turn(void)
{
    enum { SIDES = 4, EACH = CCS_LINKS + 1 };
    side_t *const sides[SIDES] = {&scene.charger[0], &scene.charger[1], &scene.car[0], &scene.car[1]};
    struct pollfd fds[SIDES * EACH];
    for (size_t i = 0; i < SIDES; i++) {
        fds[i * EACH] = (struct pollfd){.fd = tls_links_fd(&sides[i]->links), .events = POLLIN};
        for (size_t k = 0; k < CCS_LINKS; k++) {
            const bool polled = tls_links_has(&sides[i]->links, k) && !tls_links_busy(&sides[i]->links, k);
            fds[i * EACH + 1 + k] = (struct pollfd){.fd = polled ? sides[i]->fd[k] : -1, .events = POLLIN};
        }
    }
    assert_true(poll(fds, SIDES * EACH, 10) >= 0);
    for (size_t i = 0; i < SIDES; i++) {
        if (fds[i * EACH].revents != 0) {
            tls_links_heard(&sides[i]->links);
        }
        for (size_t k = 0; k < CCS_LINKS; k++) {
            go_on(sides[i], k, fds[i * EACH + 1 + k].revents != 0);
        }
    }
}

static bool is_open(size_t outlet, size_t index)
{
    return scene.charger[outlet].result[index] == TLS_OK && scene.car[outlet].result[index] == TLS_OK;
}

#define TURN_UNTIL(condition)                                            \
    do {                                                                 \
        enum { TURNS = 3000 }; /* half a minute; a lost event ends it */ \
        int turns = 0;                                                   \
        for (; !(condition) && turns < TURNS; turns++) {                 \
            turn();                                                      \
        }                                                                \
        assert_true(turns < TURNS);                                      \
    } while (0)

static void expect_talk(size_t outlet, size_t index)
{
    static const char text[] = "request";
    uint8_t octets[32];
    const ccs_view_t all = {(const uint8_t *)text, sizeof text}, none = {NULL, 0};
    ssize_t length = -1;
    assert_true(tls_links_send(&scene.car[outlet].links, index, &all, &none));
    TURN_UNTIL((length = tls_links_read(&scene.charger[outlet].links, index, octets, sizeof octets)) > 0 || errno != EAGAIN);
    assert_int_equal(length, sizeof text);
    assert_memory_equal(octets, text, sizeof text);
}

/* ---- stories */

static void handshakes_run_beside_the_loop_and_the_link_is_then_the_loops(void **state)
{
    (void)state;
    plug(0, 0);
    TURN_UNTIL(is_open(0, 0));
    expect_talk(0, 0);
    assert_int_equal(scene.charger[0].good, 1);
    assert_int_equal(scene.charger[0].bad, 0);
}

static void a_handshake_that_computes_for_long_holds_up_its_own_handshake_only(void **state)
{
    (void)state;
    gate_set(true);
    plug(0, 0);
    TURN_UNTIL(gate_is_waited_at());
    assert_true(tls_links_busy(&scene.charger[0].links, 0));
    assert_int_equal(tls_links_step(&scene.charger[0].links, 0, &(ccs_peer_t){0}), TLS_AGAIN); /* at once, and harmless */
    assert_true(tls_links_deadline_ms(&scene.charger[0].links, 0) == INT64_MAX);               /* no loop that spins */
    assert_false(tls_links_wants_room(&scene.charger[0].links, 0) || tls_links_holds_octets(&scene.charger[0].links, 0));
    assert_int_equal(scene.car[0].result[0], TLS_AGAIN);
    gate_set(false);
    TURN_UNTIL(is_open(0, 0));
    expect_talk(0, 0);
}

static void outlets_do_not_wait_for_each_other(void **state)
{
    (void)state;
    tls_server_t quick;
    size_t which = 0;
    const tls_server_config_t server = world_charger(tls_openssl(), MINT_P256);
    assert_int_equal(tls_server_init(&quick, &server, &which), CCS_OK);
    scene.charger[1].links.server = &quick;
    gate_set(true);
    plug(0, 0);
    TURN_UNTIL(gate_is_waited_at());
    plug(1, 0);
    TURN_UNTIL(is_open(1, 0));
    expect_talk(1, 0);
    assert_false(is_open(0, 0));
    gate_set(false);
    TURN_UNTIL(is_open(0, 0));
    link_end(&scene.charger[1], 0, TLS_LINKS_POLITE);
    tls_server_drop(&quick);
}

static bool was_reset(int fd)
{
    uint8_t octet[64];
    ssize_t length;
    do {
        length = recv(fd, octet, sizeof octet, 0);
    } while (length > 0);
    return length < 0 && errno == ECONNRESET;
}

static void a_link_is_ended_in_the_middle_of_a_computation(void **state)
{
    (void)state;
    gate_set(true);
    plug(0, 0);
    TURN_UNTIL(gate_is_waited_at());
    const int car = dup(scene.car[0].fd[0]);
    link_end(&scene.car[0], 0, TLS_LINKS_SILENT);
    link_end(&scene.charger[0], 0, TLS_LINKS_AT_ONCE);
    assert_false(tls_links_has(&scene.charger[0].links, 0));
    assert_true(was_reset(car)); /* though the worker still has it */
    close(car);
    assert_int_equal(scene.server.links, 1); /* ... and its snapshot with it */
    plug(0, 0);                              /* the index is free again; this handshake comes after the other one */
    gate_set(false);
    TURN_UNTIL(is_open(0, 0));
    expect_talk(0, 0);
    assert_int_equal(scene.charger[0].bad, 0); /* nobody is told of what nobody wanted any more */
    assert_int_equal(scene.server.links, 1);
}

static void links_that_wait_for_the_worker_are_ended_at_once(void **state)
{
    (void)state;
    gate_set(true);
    plug(0, 0);
    TURN_UNTIL(gate_is_waited_at());
    for (size_t round = 0; round < 20; round++) { /* more than there is room for, if one were kept */
        for (size_t i = 1; i < CCS_LINKS; i++) {
            plug(0, i);
            TURN_UNTIL(tls_links_busy(&scene.charger[0].links, i));
        }
        for (size_t i = 1; i < CCS_LINKS; i++) {
            link_end(&scene.charger[0], i, TLS_LINKS_AT_ONCE);
            link_end(&scene.car[0], i, TLS_LINKS_AT_ONCE);
        }
        assert_int_equal(scene.server.links, 1);
    }
    gate_set(false);
    TURN_UNTIL(is_open(0, 0));
    expect_talk(0, 0);
}

static void a_car_that_leaves_during_the_computation_is_told_of_once(void **state)
{
    (void)state;
    gate_set(true);
    plug(0, 0);
    TURN_UNTIL(gate_is_waited_at());
    link_end(&scene.car[0], 0, TLS_LINKS_AT_ONCE);
    gate_set(false);
    TURN_UNTIL(scene.charger[0].result[0] != TLS_AGAIN);
    assert_int_equal(scene.charger[0].result[0], TLS_FAILED);
    assert_int_equal(scene.charger[0].bad, 1);
}

static void new_credentials_do_not_wait_for_a_handshake(void **state)
{
    (void)state;
    gate_set(true);
    plug(0, 0);
    TURN_UNTIL(gate_is_waited_at());
    scene.charger[0].links.server = NULL; /* what the console does: the next connection is shown something else */
    tls_server_drop(&scene.server);
    assert_int_equal(scene.gone, 0); /* the worker computes with its key */
    gate_set(false);
    TURN_UNTIL(is_open(0, 0));
    link_end(&scene.charger[0], 0, TLS_LINKS_POLITE);
    assert_int_equal(scene.gone, 1);
    scene.gone = 0; /* another one for scene_close() */
    const tls_server_config_t server = {.backend = tls_openssl(), .gone = gone};
    scene.server = (tls_server_t){.config = server};
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, scene_open, scene_close)
    const struct CMUnitTest tests[] = {
        STORY(handshakes_run_beside_the_loop_and_the_link_is_then_the_loops),
        STORY(a_handshake_that_computes_for_long_holds_up_its_own_handshake_only),
        STORY(outlets_do_not_wait_for_each_other),
        STORY(a_link_is_ended_in_the_middle_of_a_computation),
        STORY(links_that_wait_for_the_worker_are_ended_at_once),
        STORY(a_car_that_leaves_during_the_computation_is_told_of_once),
        STORY(new_credentials_do_not_wait_for_a_handshake),
    };
    return cmocka_run_group_tests(tests, world_make, world_free);
}
