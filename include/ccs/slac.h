/* SLAC: from the pilot to a private network over the power line, for charger (secc.h) and car (ev.h).
 *
 * With a mode other than CCS_SLAC_OFF the story starts at the plug: pilot B, 5 %, CM_SLAC_PARM ... CM_SLAC_MATCH, a fresh network
 * membership key (NMK), link up, then SDP. With CCS_SLAC_OFF the link is given: the port tells CCS_ON_DLINK and nothing of this
 * header is used.
 *
 * WHAT A PORT MUST DO
 *   MME in      Every Ethernet frame of type 0x88E1 that comes in on the modem's interface, our own modem's answers and broadcasts
 *               included, is one CCS_ON_MME: bytes = the whole frame from the destination MAC on, without VLAN tag and FCS, padding
 *               as it came. Bind the socket to this one interface. Do not filter by source or type: the machine counts and drops.
 *   MME out     CCS_SEND_MME: bytes[0] is a whole frame, padded to 60 octets, source = slac.mac. Hand it to the modem as it is, in
 *               order. Frames to 00:B0:52:00:00:01 are for the own modem (CM_SET_KEY among them: there is no other way to set a
 *               key). A frame that cannot leave is dropped: SLAC repeats what matters. CM_SET_KEY.REQ and CM_SLAC_MATCH.CNF
 *               hold the NMK: mask 16 octets (at 41 and at 93) in whatever is logged or kept.
 *   modem       CCS_ON_MODEM up: a modem is there that has no key of ours: at start (mandatory, also for a modem that is simply a
 *               network interface), and after each reset of it. Until then no key is sent and no 5 % shown. CCS_ON_MODEM down: it
 *               does not answer, or its interface is gone: the link counts as lost.
 *   neighbour   CCS_ON_NEIGHBOUR: an IPv6 address was seen with a source MAC: from Neighbour Solicitation and Advertisement (the
 *               Ethernet source and the IPv6 source; never the link-layer address option alone), or from any IPv6 frame. Send one
 *               when a pair is new or changes; repeats do no harm. Of the matched car it is a sign that the link is up.
 *   SDP         CCS_ON_DATAGRAM carries from_mac, the Ethernet source; all zero if the port cannot know it. With it a neighbour's
 *               request that leaked over is told from the own car's.
 *   listener    out.listen becomes true only after the own car's SDP request was answered. out.admit says who may connect: put it
 *               on the listener as a filter before it opens, so that nobody else gets as much as a SYN-ACK (Linux: SO_ATTACH_FILTER
 *               on the listener; lwIP: in the netif's input), and renew it when it changes.
 *   random      CCS_NEED_KEY: 16 octets from a CSPRNG, asked ahead of need; answered like CCS_NEED_RANDOM. An answer other than
 *               GRANTED is asked again after a second, and no car is served until then: a weak key is worse than none.
 *   pilot       want.pilot goes to the guard, as ever: 5 % only when the modem has its key, X1 and F for their full times.
 *   CCS_ON_DLINK is not used with SLAC; such an event is dropped.
 * The car's port does the same, without listener and neighbour filter.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CCS_SLAC_H
#define CCS_SLAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { CCS_SLAC_GROUPS = 58, CCS_NMK_SIZE = 16, CCS_MME_SIZE_MIN = 60, CCS_MME_SIZE_MAX = 1518, CCS_MME_ETHERTYPE = 0x88E1 };

/* Pure: the network id is derived from the key by it (mbed TLS, OpenSSL: one line around theirs). */
typedef void (*ccs_sha256_t)(const uint8_t *octets, size_t length, uint8_t digest[32]);

/* STRICT does what the conformance suite asks; FIELD also what real cars need (each point has its source in docs/SLAC.md):
 *   - a matched car whose link is not up yet may begin again with CM_SLAC_PARM.REQ, without a change of the pilot (Stellantis,
 *     Tesla): it gets a new key. STRICT ignores it until TT_match_join ends;
 *   - PEV_ID and EVSE_ID in CM_SLAC_MATCH.REQ may be anything. STRICT: must be zero;
 *   - sounds shorter than the norm's 71 octets count. STRICT: ignored. */
typedef enum ccs_slac_mode { CCS_SLAC_OFF, CCS_SLAC_FIELD, CCS_SLAC_STRICT } ccs_slac_mode_t;

/* How CM_VALIDATE step 1 is answered. */
typedef enum ccs_slac_validation {
    CCS_SLAC_VALIDATION_NOT_REQUIRED, /* the outlet can only be ours: it hangs on its own modem */
    CCS_SLAC_VALIDATION_FAILURE,      /* we cannot count B-C-B toggles */
    CCS_SLAC_VALIDATION_READY         /* we count them on the pilot */
} ccs_slac_validation_t;

/* Charger. ccs_secc_defaults() fills all but mac and sha256. */
typedef struct ccs_slac_config {
    ccs_slac_mode_t mode;              /* OFF */
    uint8_t mac[6];                    /* of our host interface: source of every frame; unicast, not zero */
    ccs_sha256_t sha256;               /* must be given unless OFF */
    int8_t offset_dB[CCS_SLAC_GROUPS]; /* receive path of the board, subtracted from each average; measured once per design: 0 */
    ccs_slac_validation_t validation;  /* NOT_REQUIRED */
    bool bench_modem;                  /* take profiles without groups as 0 dB: bench modems (QCA7420) cannot measure: false */
    bool any_ip_mac;            /* SDP may come from another MAC than SLAC did: a bridge in the car. The first request after the
                                   match is it, nobody after it: false */
    uint8_t attenuation_max_dB; /* a match request of a car that was measured weaker is ignored: it hangs elsewhere; 0: any */
    uint8_t amplitude_map;      /* result told in CM_AMP_MAP.CNF: 0, success */
    uint32_t init_ms;           /* TT_EVSE_SLAC_init: 5 % to the first CM_SLAC_PARM.REQ, 20000 .. 50000: 50000 */
    uint8_t tries;              /* C_sequ_retry: E/F and 5 % again so often before the outlet waits for the plug: 2 */
} ccs_slac_config_t;

/* For status views. Pointers are constants. */
typedef struct ccs_slac_status {
    const char *state;      /* "MATCHING"; "OFF" without SLAC */
    bool modem;             /* there, and its key is set */
    bool matched;           /* a car has been given the key of this match */
    bool link;              /* ... and its link is up */
    uint8_t mac[6];         /* of the matched car */
    uint8_t run_id[8];      /* of the match */
    bool has_address;       /* its SDP was answered */
    uint8_t address[16];    /* its IPv6 address */
    uint8_t attenuation_dB; /* mean that it was told */
} ccs_slac_status_t;

/* Counters, never decremented. */
typedef struct ccs_slac_stats {
    uint32_t frames;                             /* MMEs given to the machine */
    uint32_t malformed;                          /* too short, or of no known type */
    uint32_t foreign;                            /* not for us, not from our car or modem, or at a time when nobody may speak */
    uint32_t invalid;                            /* a field that must not be so */
    uint32_t sessions, evicted, failed;          /* matching sessions begun, pushed out by a sixth car, ended without a match */
    uint32_t matches, links, join_timeouts;      /* keys given, links that came up, that did not within TT_match_join */
    uint32_t links_lost, key_failures, restarts; /* restarts: a matched car began again (FIELD) */
    uint32_t far;                                /* match requests of cars weaker than attenuation_max_dB */
    uint32_t limited;                            /* CM_SLAC_PARM.REQ not answered: more than ten within 100 ms */
    uint32_t strangers; /* IPv6 from another MAC than the matched car's, or its address with another MAC: SDP, ND */
} ccs_slac_stats_t;

/* Faults that a simulated car brings into SLAC; value: see each. A list, so that names cannot drift. */
#define CCS_SLAC_MISBEHAVIOURS(X)                                                                     \
    X(NONE, "none")                                                                                   \
    X(DROP, "the value-th frame to the line is not sent, 1 ..")                                       \
    X(WRONG, "value = MMTYPE << 16 | offset: flips the octet at this offset of the first such frame") \
    X(LATE_MATCH, "the match request comes value ms late")                                            \
    X(NO_RSP, "never sends CM_ATTEN_CHAR.RSP")                                                        \
    X(FEW_SOUNDS, "only value sounds")                                                                \
    X(NEW_RUN, "begins again with a new RunID instead of CM_ATTEN_CHAR.RSP")                          \
    X(SHORT_SOUND, "sounds of 64 octets")                                                             \
    X(PARM_LATER, "begins again when matched, without a change of the pilot")                         \
    X(NO_KEY, "takes the match but never sets its key: no link")                                      \
    X(NO_CNF, "hears no CM_SLAC_PARM.CNF in its first value attempts; 0: never")

#define CCS_SLAC_MIS_ENUMERATOR(name, text) CCS_SLAC_MIS_##name,
typedef enum ccs_slac_misbehave { CCS_SLAC_MISBEHAVIOURS(CCS_SLAC_MIS_ENUMERATOR) CCS_SLAC_MIS_COUNT } ccs_slac_misbehave_t;
#undef CCS_SLAC_MIS_ENUMERATOR

/* Car. ccs_ev_defaults() fills all but mac. */
typedef struct ccs_slac_ev_config {
    ccs_slac_mode_t mode; /* OFF; FIELD and STRICT are the same to a car */
    uint8_t mac[6];       /* source of every frame */
    uint8_t run_id[8];    /* for every attempt, if not all zero (Tesla: "TESLA EV"); else random */
    uint8_t direct_dB;    /* mean attenuation up to this: found. Real chargers were measured by their own car at 8 .. 24 dB, by the
                             car at the next plug some 30 dB weaker: 30 */
    uint8_t indirect_dB;  /* up to this: perhaps, to be validated by toggles; without validate, and above: not ours: 45 */
    bool validate;        /* may ask for validation: false */
    uint16_t match_delay_ms; /* TP_EV_match_session; real cars 6 .. 980: 500 */
    uint32_t repetition_ms;  /* TT_matching_repetition: new attempts for so long: 10000 */
    ccs_slac_misbehave_t misbehave;
    uint32_t misbehave_value;
} ccs_slac_ev_config_t;

const char *ccs_slac_misbehave_name(ccs_slac_misbehave_t misbehave); /* "LATE_MATCH"; never NULL */
const char *ccs_slac_mode_name(ccs_slac_mode_t mode);                /* "off", "field", "strict": as in settings */

#ifdef __cplusplus
}
#endif
#endif
