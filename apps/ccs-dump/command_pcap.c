/* ccs-dump pcap: a capture file as readable text or JSON lines.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "conversation.h"

#include <pcap/pcap.h>
#include <string.h>

typedef struct tally {
    uint64_t packets, cut, fragments;
} tally_t;

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
        packet_t packet;
        packet_peel(link_type, (ccs_view_t){frame, header->caplen}, header->len, &packet);
        packet.number = ++tally->packets;
        packet.utc_us = (int64_t)header->ts.tv_sec * 1000000 + header->ts.tv_usec;
        tally->cut += packet.kind == PACKET_CUT;
        tally->fragments += packet.kind == PACKET_FRAGMENT;
        conversation_packet(conversation, &packet);
    }
}

static void tell(const char *path, const tally_t *tally, const report_t *report)
{
    if (tally->cut) {
        (void)complain(0, "%s: note: %llu packets were cut by the capture's snap length", path, (unsigned long long)tally->cut);
    }
    if (tally->fragments) {
        (void)complain(0, "%s: note: %llu IP fragments were left out", path, (unsigned long long)tally->fragments);
    }
    if (report->entries == 0) {
        (void)complain(0, "%s: note: nothing of a charging session in %llu packets", path, (unsigned long long)tally->packets);
    }
}

/* libpcap reads a pcapng file only where all interfaces have one link type and one snap length; such a file is not damaged. */
static int refuse(const char *path, const tally_t *tally, const char *why)
{
    if (strstr(why, "different from the")) {
        return complain(
            EXIT_BAD_INPUT,
            "%s: its interfaces differ, which libpcap does not read, from packet %llu on (%s): capture each into its own file",
            path, (unsigned long long)tally->packets + 1, why);
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
    const int last = read_packets(pcap, conversation, &tally);
    conversation_end(conversation);
    (void)fflush(stdout);
    tell(path, &tally, &out);
    if (last == PCAP_ERROR) {
        return refuse(path, &tally, pcap_geterr(pcap));
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
