/* A charging session as a pcapng file that Wireshark, tcpdump and ccs-dump open.
 *
 * The daemon knows datagrams and streams, not frames: Ethernet, IPv6, UDP and TCP around them are drawn here, with right checksums,
 * sequence numbers and handshakes. What went through TLS is written in the clear (the file says so in the connection's comment).
 * A second interface carries notes: lines of text that belong into the same time line (pilot, guard, why a charge ended).
 *
 * Every packet reaches the operating system before the call returns: a crash loses nothing that was captured. A full disk or a
 * lost device stops the capture, never the charge: the call does nothing from then on and capture_failed() says so.
 *
 * A limit on its octets holds against a peer that talks without end. Packets have 7/8 of it, so that notes go on for long after;
 * what comes when its share is used up is kept in memory, the newest CAPTURE_TAIL_SIZE octets at most. They are written when the
 * capture is closed, behind a note that says how much was left out: the end of a session is always there.
 * One thread. No memory is allocated but by stdio's fopen.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_PORTS_COMMON_CAPTURE_CAPTURE_H
#define CCS_PORTS_COMMON_CAPTURE_CAPTURE_H

#include "ccs/errors.h"
#include "ccs/event.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CAPTURE_COMMENT_MAX = 500, /* octets; longer comments are cut */
    CAPTURE_NOTE_MAX = 1400,   /* octets; longer notes are cut */
    CAPTURE_FRAME_MAX = 1514,
    CAPTURE_TAIL_SIZE = 65536,                   /* some 200 messages; at least half of it is there at the end */
    CAPTURE_OVER_MAX = CAPTURE_TAIL_SIZE + 1024, /* the tail, and what a capture says of itself: on top of a limit */
    CAPTURE_NOTE_ETHERTYPE = 0x88B5 /* IEEE 802 local experimental: notes are frames with text inside. libpcap reads only files
                                       whose interfaces are all of one link type, so notes travel as Ethernet too */
};

/* Where the octets go. Called once per packet with one whole block; false: not all was taken, and the capture ends. */
typedef struct capture_sink {
    void *ctx;
    bool (*write)(void *ctx, const void *octets, size_t length);
} capture_sink_t;

typedef struct capture_side {
    ccs_endpoint_t endpoint;
    uint32_t sequence; /* of its next octet */
} capture_side_t;

/* The newest packets of a capture that has reached its limit, as blocks of the file. */
typedef struct capture_tail {
    uint8_t octets[CAPTURE_TAIL_SIZE];
    size_t length;
    uint32_t left_out; /* packets that had to make room */
    uint64_t left_out_octets;
} capture_tail_t;

/* All fields are private. */
typedef struct capture {
    capture_sink_t sink;
    void *file; /* FILE *, of capture_open() */
    bool failed;
    bool cut; /* the limit has been met */
    uint32_t packets;
    uint64_t octets, octets_max; /* written; 0: no limit */
    capture_tail_t tail;
    uint32_t strays; /* octets or ends of links that were never connected */
    struct {
        bool open;
        capture_side_t side[2]; /* 0: us, 1: the peer */
    } link[CCS_LINKS];
} capture_t;

/* Creates or empties the file. application: "ccs-evse 0.1.0", kept in the file. IO: cannot be written (errno says why). */
CCS_MUST_USE ccs_err_t capture_open(capture_t *capture, const char *path, const char *application);

/* The same, into a sink. */
CCS_MUST_USE ccs_err_t capture_open_sink(capture_t *capture, capture_sink_t sink, const char *application);

/* Of the file as a whole, from now on. CAPTURE_OVER_MAX comes on top. 0: none. */
void capture_limit(capture_t *capture, uint64_t octets_max);

/* utc_us: microseconds since 1970, also below. comment: kept with the packet, NULL: none. */
void capture_datagram(capture_t *capture, int64_t utc_us, const ccs_endpoint_t *from, const ccs_endpoint_t *to, ccs_view_t octets,
                      const char *comment);

/* A connection on a link begins. we_connect: we sent the SYN. A link that was open is forgotten. */
void capture_connect(capture_t *capture, int64_t utc_us, uint8_t link, const ccs_endpoint_t *us, const ccs_endpoint_t *peer,
                     bool we_connect, const char *comment);

/* direction: 's' sent by us, 'r' received. Longer than a segment: several packets, the comment on the first. */
void capture_stream(capture_t *capture, int64_t utc_us, uint8_t link, char direction, ccs_view_t octets, const char *comment);

/* FIN by us ('s') or by the peer ('r'). */
void capture_disconnect(capture_t *capture, int64_t utc_us, uint8_t link, char direction, const char *comment);

/* A whole Ethernet frame, as it went over the wire (HomePlug); longer than CAPTURE_FRAME_MAX is cut. */
void capture_frame(capture_t *capture, int64_t utc_us, ccs_view_t frame);

/* A line of text (UTF-8) on the second interface. */
void capture_note(capture_t *capture, int64_t utc_us, const char *text);

/* Writes the tail, if there is one. */
void capture_close(capture_t *capture);

bool capture_failed(const capture_t *capture);
uint32_t capture_packets(const capture_t *capture);
bool capture_is_cut(const capture_t *capture);       /* the limit has been met */
uint32_t capture_left_out(const capture_t *capture); /* packets that will not be in the file */

#ifdef __cplusplus
}
#endif
#endif
