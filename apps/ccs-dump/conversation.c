/* SPDX-License-Identifier: Apache-2.0 */
#include "conversation.h"

#include "base/bytes.h"
#include "exi_entry.h"
#include "mme/mme.h"
#include "sdp/sdp.h"
#include "stream.h"
#include "v2gtp/v2gtp.h"

#include <stdlib.h>
#include <string.h>

enum { BUFFER = V2GTP_HEADER_SIZE + V2GTP_LENGTH_PLAUSIBLE, ENDPOINTS_MAX = 64 };

/* One direction of a connection. */
typedef struct side {
    ccs_endpoint_t endpoint; /* of the sender */
    stream_t stream;
    v2gtp_reader_t reader;
    v2gtp_stats_t told; /* faults that were reported */
    uint8_t *buffer;
    size_t begun;        /* octets of a message that is not whole yet */
    stream_piece_t last; /* where they came; its octets are gone */
    stream_piece_t gap;  /* the latest hole before it was known that the connection is ours; missing 0: none */
} side_t;

typedef struct connection {
    struct connection *next;
    conversation_t *owner;
    side_t side[2];
    bool ours; /* SDP named it, or it carried a message */
    bool tls;
    bool closed;
    exi_talk_t talk;
} connection_t;

struct conversation {
    report_t *report;
    connection_t *connections;           /* latest first */
    ccs_endpoint_t named[ENDPOINTS_MAX]; /* by SDP responses, the latest ENDPOINTS_MAX */
    size_t named_count;
};

static bool same(const ccs_endpoint_t *a, const ccs_endpoint_t *b)
{
    return a->port == b->port && memcmp(a->address, b->address, sizeof a->address) == 0;
}

/* ---- SDP, MMEs, notes */

static void show_sdp(conversation_t *conversation, const packet_t *packet, const sdp_message_t *sdp)
{
    char title[160], place[REPORT_PLACE_MAX];
    report_head_t head = {.number = packet->number, .utc_us = packet->utc_us, .kind = "sdp", .title = title};
    const char *const security = sdp->security == SDP_TLS ? "TLS" : sdp->security == SDP_PLAIN ? "no TLS" : "reserved security";
    const char *const transport = sdp->transport == SDP_TCP ? "TCP" : "reserved transport";
    report_place(&packet->from, head.from);
    report_place(&packet->to, head.to);
    report_place(&sdp->endpoint, place);
    (void)snprintf(title, sizeof title, "SDP %s: %s%s%s, %s", sdp->response ? "response" : "request", sdp->response ? place : "",
                   sdp->response ? ", " : "", security, transport);
    json_out_t *const out = report_begin(conversation->report, &head);
    if (conversation->report->json) {
        json_key(out, "message");
        json_string(out, sdp->response ? "SDP response" : "SDP request");
        json_key(out, "security");
        json_unsigned(out, sdp->security);
        json_key(out, "transport");
        json_unsigned(out, sdp->transport);
        if (sdp->response) {
            json_key(out, "endpoint");
            json_string(out, place);
        }
    }
    report_end(conversation->report);
}

static void show_bad_sdp(conversation_t *conversation, const packet_t *packet, ccs_err_t err)
{
    char title[160];
    report_head_t head = {.number = packet->number, .utc_us = packet->utc_us, .kind = "sdp", .title = title};
    report_place(&packet->from, head.from);
    report_place(&packet->to, head.to);
    (void)snprintf(title, sizeof title, "SDP that is malformed: %s", ccs_err_text(err));
    json_out_t *const out = report_begin(conversation->report, &head);
    if (conversation->report->json) {
        json_key(out, "error");
        json_string(out, ccs_err_text(err));
    }
    json_key(out, "octets");
    json_hex(out, packet->payload);
    report_end(conversation->report);
}

static void datagram(conversation_t *conversation, const packet_t *packet)
{
    sdp_message_t sdp;
    const ccs_err_t err = sdp_message_read(packet->payload, &sdp);
    if (err != CCS_OK) {
        if (packet->from.port == SDP_PORT || packet->to.port == SDP_PORT) {
            show_bad_sdp(conversation, packet, err);
        }
        return;
    }
    show_sdp(conversation, packet, &sdp);
    if (sdp.response) {
        conversation->named[conversation->named_count++ % ENDPOINTS_MAX] = sdp.endpoint;
    }
}

static void show_field(void *ctx, const mme_field_view_t *field)
{
    json_out_t *const out = ctx;
    json_key(out, field->name);
    if (field->is_number) {
        json_unsigned(out, field->number);
    } else {
        json_hex(out, field->octets);
    }
}

/* The captures' packets begin at the version: addresses and type are put in front again, as a modem would hand it over. */
static ccs_err_t read_mme(const packet_t *packet, uint8_t frame[MME_SIZE_MAX], mme_t *out)
{
    bytes_out_t bytes = bytes_out(frame, MME_SIZE_MAX);
    bytes_put(&bytes, packet->to_mac, sizeof packet->to_mac);
    bytes_put(&bytes, packet->from_mac, sizeof packet->from_mac);
    bytes_put_u16be(&bytes, MME_ETHERTYPE);
    bytes_put(&bytes, packet->payload.at, packet->payload.length);
    return bytes.failed ? CCS_ERR_LENGTH : mme_decode((ccs_view_t){frame, bytes.written}, out);
}

static void show_mme(conversation_t *conversation, const packet_t *packet)
{
    uint8_t frame[MME_SIZE_MAX];
    char title[80];
    mme_t mme = {0};
    report_head_t head = {.number = packet->number, .utc_us = packet->utc_us, .kind = "mme", .title = title};
    const ccs_err_t err = read_mme(packet, frame, &mme);
    const char *const known = mme_type_name(mme.type);
    if (known) {
        (void)snprintf(title, sizeof title, "HomePlug %s", known);
    } else {
        (void)snprintf(title, sizeof title, "HomePlug MME %04X", mme.type);
    }
    report_mac(packet->from_mac, head.from);
    report_mac(packet->to_mac, head.to);
    json_out_t *const out = report_begin(conversation->report, &head);
    if (conversation->report->json) {
        json_key(out, "message");
        json_string(out, title + sizeof "HomePlug");
    }
    if (err != CCS_OK) {
        json_key(out, "error");
        json_string(out, ccs_err_text(err));
    } else {
        mme_visit(&mme, show_field, out);
    }
    json_key(out, "octets");
    json_hex(out, packet->payload);
    report_end(conversation->report);
}

/* A word of a note, "mV=400120": a key of its own. Names and values are what a charger wrote, so only plain ones are taken. */
static void show_word(json_out_t *out, char *word)
{
    char *const equals = strchr(word, '=');
    char *end = NULL;
    if (!equals || equals == word || equals[1] == '\0') {
        return;
    }
    *equals = '\0';
    if (strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") != strlen(word) || strcmp(word, "text") == 0) {
        return;
    }
    const long long number = strtoll(equals + 1, &end, 10);
    json_key(out, word);
    if (*end == '\0') {
        json_int(out, number);
    } else {
        json_string(out, equals + 1);
    }
}

enum { NOTE_MAX = 400, NOTE_WORDS_MAX = 24 };

/* Pilot and power are noted as words. */
static void show_words(json_out_t *out, ccs_view_t text)
{
    char words[NOTE_MAX];
    char *rest = NULL;
    const size_t length = text.length < sizeof words - 1 ? text.length : sizeof words - 1;
    memcpy(words, text.at, length);
    words[length] = '\0';
    if (strncmp(words, "cp=", 3) != 0) {
        return; /* a line for people */
    }
    char *word = strtok_r(words, " ", &rest);
    for (int i = 0; word && i < NOTE_WORDS_MAX; i++, word = strtok_r(NULL, " ", &rest)) {
        show_word(out, word);
    }
}

static void show_note(conversation_t *conversation, const packet_t *packet)
{
    report_head_t head = {
        .number = packet->number, .utc_us = packet->utc_us, .from = "-", .to = "-", .kind = "note", .title = "note"};
    json_out_t *const out = report_begin(conversation->report, &head);
    json_key(out, "text");
    json_text(out, packet->payload);
    if (conversation->report->json) {
        show_words(out, packet->payload);
    }
    report_end(conversation->report);
}

/* ---- connections */

static int side_of(const connection_t *connection, const packet_t *packet)
{
    return same(&connection->side[0].endpoint, &packet->from) ? 0 : 1;
}

static bool belongs(const connection_t *connection, const packet_t *packet)
{
    const ccs_endpoint_t *const a = &connection->side[0].endpoint, *const b = &connection->side[1].endpoint;
    return (same(a, &packet->from) && same(b, &packet->to)) || (same(b, &packet->from) && same(a, &packet->to));
}

static bool is_named(const conversation_t *conversation, const ccs_endpoint_t *endpoint)
{
    const size_t count = conversation->named_count < ENDPOINTS_MAX ? conversation->named_count : ENDPOINTS_MAX;
    for (size_t i = 0; i < count; i++) {
        if (same(&conversation->named[i], endpoint)) {
            return true;
        }
    }
    return false;
}

static connection_t *connection_new(conversation_t *conversation, const packet_t *packet)
{
    connection_t *const connection = calloc(1, sizeof *connection);
    if (!connection) {
        return NULL;
    }
    connection->owner = conversation;
    connection->side[0].endpoint = packet->from;
    connection->side[1].endpoint = packet->to;
    connection->ours = is_named(conversation, &packet->from) || is_named(conversation, &packet->to);
    exi_talk_begin(&connection->talk);
    connection->next = conversation->connections;
    conversation->connections = connection;
    return connection;
}

static connection_t *connection_of(conversation_t *conversation, const packet_t *packet)
{
    connection_t *connection = conversation->connections;
    while (connection && !belongs(connection, packet)) {
        connection = connection->next;
    }
    const bool opens = (packet->flags & PACKET_SYN) && !(packet->flags & PACKET_ACK);
    if (!connection || (opens && connection->closed)) {
        return connection_new(conversation, packet);
    }
    return connection;
}

static report_head_t head_of(const connection_t *connection, int side, const stream_piece_t *piece, const char *kind)
{
    report_head_t head = {.number = piece->number, .utc_us = piece->utc_us, .kind = kind};
    report_place(&connection->side[side].endpoint, head.from);
    report_place(&connection->side[1 - side].endpoint, head.to);
    return head;
}

static void show_text(connection_t *connection, int side, const stream_piece_t *piece, const char *kind, const char *text)
{
    report_head_t head = head_of(connection, side, piece, kind);
    head.title = text;
    json_out_t *const out = report_begin(connection->owner->report, &head);
    if (connection->owner->report->json) {
        json_key(out, "text");
        json_string(out, text);
    }
    report_end(connection->owner->report);
}

static void show_faults(connection_t *connection, int side, const stream_piece_t *piece)
{
    side_t *const from = &connection->side[side];
    const v2gtp_stats_t *const now = v2gtp_reader_stats(&from->reader);
    if (now->malformed + now->unknown_type + now->too_long > from->told.malformed + from->told.unknown_type + from->told.too_long) {
        from->begun = 0; /* what is dropped is no message that began */
    }
    if (!connection->ours) {
        return;
    }
    if (now->malformed > from->told.malformed) {
        show_text(connection, side, piece, "ignored", "octets that are no V2GTP message: ignored");
    }
    if (now->unknown_type > from->told.unknown_type) {
        show_text(connection, side, piece, "ignored", "V2GTP message of an unknown type: ignored");
    }
    if (now->too_long > from->told.too_long) {
        show_text(connection, side, piece, "ignored", "V2GTP message beyond all reasonable length: ignored");
    }
    from->told = *now;
}

static bool looks_like_tls(ccs_view_t octets)
{
    return octets.length >= 3 && octets.at[0] == 0x16 && octets.at[1] == 0x03 && octets.at[2] <= 0x04;
}

static bool reader_ready(side_t *from)
{
    if (!from->buffer) {
        from->buffer = malloc(BUFFER);
        if (from->buffer) {
            v2gtp_reader_init(&from->reader, from->buffer, BUFFER);
        }
    }
    return from->buffer != NULL;
}

static void tell_gap(connection_t *connection, int side, const stream_piece_t *piece)
{
    char text[80];
    (void)snprintf(text, sizeof text, "%u octets are missing in the capture", (unsigned)piece->missing);
    show_text(connection, side, piece, "gap", text);
}

/* A hole in a connection that may yet turn out to be ours is kept until then. */
static void show_gap(connection_t *connection, int side, const stream_piece_t *piece)
{
    side_t *const from = &connection->side[side];
    v2gtp_reader_restart(&from->reader);
    from->begun = 0;
    if (connection->ours) {
        tell_gap(connection, side, piece);
    } else {
        from->gap = *piece;
    }
}

static void is_ours(connection_t *connection)
{
    connection->ours = true;
    for (int side = 0; side < 2; side++) {
        stream_piece_t *const gap = &connection->side[side].gap;
        if (gap->missing) {
            tell_gap(connection, side, gap);
        }
        gap->missing = 0;
    }
}

/* A message that began and does not end. */
static void show_cut(connection_t *connection, int side, const char *by)
{
    side_t *const from = &connection->side[side];
    char text[120];
    if (!connection->ours || connection->tls || from->begun == 0) {
        return;
    }
    (void)snprintf(text, sizeof text, "V2GTP message cut by %s: %zu octets of it came, %zu are missing", by, from->begun,
                   v2gtp_reader_window(&from->reader));
    show_text(connection, side, &from->last, "cut", text);
    from->begun = 0;
}

static void read_messages(connection_t *connection, int side, const stream_piece_t *piece)
{
    side_t *const from = &connection->side[side];
    ccs_view_t octets = piece->octets;
    while (octets.length > 0) {
        v2gtp_message_t message;
        const size_t taken = v2gtp_reader_put(&from->reader, octets);
        octets = (ccs_view_t){octets.at + taken, octets.length - taken};
        from->begun += taken;
        if (v2gtp_reader_message(&from->reader, &message)) {
            const report_head_t head = head_of(connection, side, piece, "exi");
            is_ours(connection);
            exi_entry(connection->owner->report, &connection->talk, head, &message);
            v2gtp_reader_next(&from->reader);
            from->begun = 0;
        }
    }
    from->last = (stream_piece_t){.utc_us = piece->utc_us, .number = piece->number};
    show_faults(connection, side, piece);
}

typedef struct direction {
    connection_t *connection;
    int side;
} direction_t;

static void take_piece(void *ctx, const stream_piece_t *piece)
{
    const direction_t *const direction = ctx;
    connection_t *const connection = direction->connection;
    side_t *const from = &connection->side[direction->side];
    const bool fresh = !from->buffer;
    if (connection->tls || !reader_ready(from)) {
        return;
    }
    if (fresh && looks_like_tls(piece->octets)) {
        connection->tls = true;
        if (connection->ours) {
            show_text(connection, direction->side, piece, "tls", "TLS: what follows on this connection is encrypted");
        }
        return;
    }
    if (piece->missing) {
        show_gap(connection, direction->side, piece);
    }
    read_messages(connection, direction->side, piece);
}

/* Gives what still waits; nothing more will come. */
static void connection_stop(connection_t *connection, const char *by)
{
    for (int side = 0; side < 2; side++) {
        direction_t direction = {connection, side};
        stream_end(&connection->side[side].stream, (stream_sink_t){&direction, take_piece});
        show_cut(connection, side, by);
    }
}

static void segment(conversation_t *conversation, const packet_t *packet)
{
    connection_t *const connection = connection_of(conversation, packet);
    if (!connection) {
        return;
    }
    const int side = side_of(connection, packet);
    direction_t there = {connection, side}, back = {connection, 1 - side};
    stream_segment(&connection->side[side].stream, packet, (stream_sink_t){&there, take_piece});
    if (packet->flags & PACKET_ACK) {
        stream_acknowledged(&connection->side[1 - side].stream, packet->acknowledge, (stream_sink_t){&back, take_piece});
    }
    if (packet->flags & PACKET_RST) {
        connection_stop(connection, "a reset of the connection");
    }
    connection->closed = connection->closed || (packet->flags & (PACKET_FIN | PACKET_RST));
}

/* ---- */

conversation_t *conversation_begin(report_t *report)
{
    conversation_t *const conversation = calloc(1, sizeof *conversation);
    if (conversation) {
        conversation->report = report;
    }
    return conversation;
}

void conversation_packet(conversation_t *conversation, const packet_t *packet)
{
    static void (*const takes[])(conversation_t *, const packet_t *) = {
        [PACKET_MME] = show_mme, [PACKET_NOTE] = show_note, [PACKET_UDP] = datagram, [PACKET_TCP] = segment};
    if (takes[packet->kind]) {
        takes[packet->kind](conversation, packet);
    }
}

static void connection_end(connection_t *connection)
{
    connection_stop(connection, connection->closed ? "the end of the connection" : "the end of the capture");
    free(connection->side[0].buffer);
    free(connection->side[1].buffer);
    free(connection);
}

void conversation_end(conversation_t *conversation)
{
    while (conversation->connections) {
        connection_t *const first = conversation->connections;
        conversation->connections = first->next;
        connection_end(first);
    }
    free(conversation);
}
