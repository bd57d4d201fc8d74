/* ccs-dump pcap: a capture file as readable text or JSON lines.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "conversation.h"
#include "pcapng_in.h"

#include <pcap/pcap.h>
#include <string.h>

typedef struct tally {
    uint64_t packets, cut, fragments;
    uint64_t unknown; /* of link types that are not read here */
} tally_t;

static void take(conversation_t *conversation, tally_t *tally, const pcapng_frame_t *frame)
{
    packet_t packet;
    packet_peel(frame->link_type, frame->frame, frame->whole, &packet);
    packet.number = ++tally->packets;
    packet.utc_us = frame->utc_us;
    tally->cut += packet.kind == PACKET_CUT;
    tally->fragments += packet.kind == PACKET_FRAGMENT;
    tally->unknown += !packet_link_known(frame->link_type);
    conversation_packet(conversation, &packet);
}

/* Returns libpcap's last word: PCAP_ERROR_BREAK at the end of the file, PCAP_ERROR where it is damaged. */
static int read_packets(pcap_t *pcap, conversation_t *conversation, tally_t *tally)
{
    const int link_type = pcap_datalink(pcap);
    for (;;) {
        struct pcap_pkthdr *header;
        const u_char *frame;
        const int got = pcap_next_ex(pcap, &header, &frame);
        if (got != 1) {
            return got;
        }
        const int64_t utc_us = (int64_t)header->ts.tv_sec * 1000000 + header->ts.tv_usec;
        take(conversation, tally, &(pcapng_frame_t){link_type, utc_us, header->len, {frame, header->caplen}});
    }
}

/* libpcap reads a pcapng file only where all interfaces have one link type and one snap length. */
static bool is_mixed(const char *why)
{
    return strstr(why, "different from the") != NULL;
}

/* The whole file once more, from where libpcap has given up. */
static pcapng_got_t read_mixed(FILE *file, conversation_t *conversation, tally_t *tally)
{
    pcapng_in_t in = pcapng_in(file);
    pcapng_frame_t frame;
    pcapng_got_t got = PCAPNG_FRAME;
    uint64_t known = tally->packets;
    while ((got = pcapng_in_next(&in, &frame)) == PCAPNG_FRAME) {
        if (known > 0) {
            known--;
        } else {
            take(conversation, tally, &frame);
        }
    }
    pcapng_in_free(&in);
    return got;
}

static void tell(const char *path, const tally_t *tally, const report_t *report)
{
    if (tally->cut) {
        (void)complain(0, "%s: note: %llu packets were cut by the capture's snap length", path, (unsigned long long)tally->cut);
    }
    if (tally->fragments) {
        (void)complain(0, "%s: note: %llu IP fragments were left out", path, (unsigned long long)tally->fragments);
    }
    if (tally->unknown) {
        (void)complain(0, "%s: note: %llu packets of link types that are not read here", path, (unsigned long long)tally->unknown);
    }
    if (report->entries == 0) {
        (void)complain(0, "%s: note: nothing of a charging session in %llu packets", path, (unsigned long long)tally->packets);
    }
}

static int refuse(const char *path, const tally_t *tally, const char *why)
{
    if (is_mixed(why)) {
        return complain(EXIT_BAD_INPUT, "%s: its interfaces differ (%s): such a capture is read from a file, not from a pipe", path,
                        why);
    }
    return complain(EXIT_BAD_INPUT, "%s: damaged behind packet %llu: %s", path, (unsigned long long)tally->packets, why);
}

static int dump(pcap_t *pcap, const char *path, const options_t *options)
{
    tally_t tally = {0};
    report_t out = report(stdout, options->json);
    conversation_t *const conversation = conversation_begin(&out);
    if (!conversation) {
        return complain(EXIT_IO, "out of memory");
    }
    const char *why = "a block that is none";
    bool good = read_packets(pcap, conversation, &tally) != PCAP_ERROR;
    if (!good && is_mixed(pcap_geterr(pcap)) && fseek(pcap_file(pcap), 0, SEEK_SET) == 0) {
        good = read_mixed(pcap_file(pcap), conversation, &tally) == PCAPNG_END;
    } else {
        why = pcap_geterr(pcap);
    }
    conversation_end(conversation);
    (void)fflush(stdout);
    tell(path, &tally, &out);
    if (!good) {
        return refuse(path, &tally, why);
    }
    return ferror(stdout) ? complain(EXIT_IO, "cannot write the output") : EXIT_FINE;
}

int command_pcap(const options_t *options)
{
    char error[PCAP_ERRBUF_SIZE] = "";
    if (options->count != 1) {
        return complain(EXIT_USAGE, "pcap needs one FILE; see ccs-dump --help");
    }
    const char *const path = options->arguments[0];
    FILE *const file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (!file) {
        return complain(EXIT_IO, "%s: cannot be opened", path);
    }
    pcap_t *const pcap = pcap_fopen_offline(file, error);
    if (!pcap) {
        (void)fclose(file);
        return complain(EXIT_BAD_INPUT, "%s: %s", path, error);
    }
    const int link_type = pcap_datalink(pcap);
    int code;
    if (packet_link_known(link_type)) {
        code = dump(pcap, path, options);
    } else {
        const char *const name = pcap_datalink_val_to_name(link_type);
        code = complain(EXIT_BAD_INPUT, "%s: link type %s is not read here", path, name ? name : "?");
    }
    pcap_close(pcap);
    return code;
}
