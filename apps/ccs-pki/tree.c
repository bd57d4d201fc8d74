/* The development PKI as tables. SPDX-License-Identifier: Apache-2.0 */
#include "tree.h"

#include "ports/openssl/pki_openssl.h"

#include <string.h>

#define ROOT      "basicConstraints=critical,CA:true|keyUsage=critical,keyCertSign,cRLSign|subjectKeyIdentifier=hash"
#define KEY_IDS   "|subjectKeyIdentifier=hash|authorityKeyIdentifier=keyid"
#define OCSP      "|authorityInfoAccess=OCSP;URI:http://ocsp.example/"
#define SUB(path) "basicConstraints=critical,CA:true,pathlen:" path "|keyUsage=critical,keyCertSign,cRLSign" KEY_IDS OCSP
#define SUB_FREE  "basicConstraints=critical,CA:true|keyUsage=critical,keyCertSign,cRLSign" KEY_IDS
#define LEAF      "basicConstraints=critical,CA:false|"
#define SERVER    LEAF "keyUsage=critical,digitalSignature%|extendedKeyUsage=serverAuth" KEY_IDS OCSP
#define CLIENT    LEAF "keyUsage=critical,digitalSignature|extendedKeyUsage=clientAuth" KEY_IDS OCSP
#define SIGNER    LEAF "keyUsage=critical,digitalSignature%" KEY_IDS OCSP
#define CONTRACT  LEAF "keyUsage=critical,digitalSignature,nonRepudiation%" KEY_IDS OCSP

#define OF        "/C=DE/O=ccs2-dc"
#define SECC_NAME "/DC=CPO" OF "/CN=DEABCE0001"
#define CAR_NAME  "/O=ccs2-dc/CN=WMIV1234567890ABCDEX"

static const mint_spec_t specs[] = {
    /* what is good */
    {"v2groot", NULL, "/DC=V2G" OF "/CN=V2GRootCA", ROOT, 0, false, NULL},
    {"cposub1", "v2groot", "/DC=V2G" OF "/CN=CPOSubCA1", SUB("1"), 0, false, NULL},
    {"cposub2", "cposub1", "/DC=V2G" OF "/CN=CPOSubCA2", SUB("0"), 0, false, NULL},
    {"secc", "cposub2", SECC_NAME, SERVER, 0, false, NULL},
    {"cpssub1", "v2groot", "/DC=V2G" OF "/CN=ProvSubCA1", SUB("1"), 0, false, NULL},
    {"cpssub2", "cpssub1", "/DC=V2G" OF "/CN=ProvSubCA2", SUB("0"), 0, false, NULL},
    {"cps", "cpssub2", "/DC=CPS" OF "/CN=CPSLeaf", SIGNER, 0, false, NULL},
    {"moroot", NULL, "/DC=MO" OF "/CN=MORootCA", ROOT, 0, false, NULL},
    {"mosub1", "moroot", "/DC=MO" OF "/CN=MOSubCA1", SUB("1"), 0, false, NULL},
    {"mosub2", "mosub1", "/DC=MO" OF "/CN=MOSubCA2", SUB("0"), 0, false, NULL},
    {"contract", "mosub2", "/DC=MO" OF "/CN=DEABCC123ABC56", CONTRACT, 0, false, NULL},
    {"oemroot", NULL, "/DC=OEM" OF "/CN=OEMRootCA", ROOT, 0, false, NULL},
    {"oemsub1", "oemroot", "/DC=OEM" OF "/CN=OEMSubCA1", SUB("1"), 0, false, NULL},
    {"oemsub2", "oemsub1", "/DC=OEM" OF "/CN=OEMSubCA2", SUB("0"), 0, false, NULL},
    {"oemprov", "oemsub2", "/DC=OEM" OF "/CN=WMIV1234567890ABC", SIGNER, 0, false, NULL},
    {"vehsub1", "oemroot", "/DC=OEM" OF "/CN=VehSubCA1", SUB("1"), 0, false, NULL},
    {"vehsub2", "vehsub1", "/DC=OEM" OF "/CN=VehSubCA2", SUB("0"), 0, false, NULL},
    {"vehicle", "vehsub2", CAR_NAME, CLIENT, 0, false, NULL},
    /* what is uncommon and good */
    {"v2groot2", NULL, "/DC=V2G" OF "/CN=V2GRootCA of another", ROOT, 0, false, NULL},
    {"cposub1_2", "v2groot2", "/DC=V2G" OF "/CN=CPOSubCA1 of another", SUB("1"), 0, false, NULL},
    {"cposub2_2", "cposub1_2", "/DC=V2G" OF "/CN=CPOSubCA2 of another", SUB("0"), 0, false, NULL},
    {"secc_2", "cposub2_2", SECC_NAME, SERVER, 0, false, NULL},
    {"v2groot_eku", NULL, "/DC=V2G" OF "/CN=V2GRootCA with purposes", ROOT "|extendedKeyUsage=serverAuth,clientAuth,OCSPSigning", 0,
     false, NULL},
    {"cposub1_eku", "v2groot_eku", "/DC=V2G" OF "/CN=CPOSubCA1 below purposes", SUB("1"), 0, false, NULL},
    {"secc_eku", "cposub1_eku", SECC_NAME, SERVER, 0, false, NULL},
    {"privroot", NULL, "/DC=V2G" OF "/CN=Private root", ROOT, 0, false, NULL},
    {"secc_private", "privroot", SECC_NAME, SERVER, 0, false, NULL},
    {"secc_order", "cposub2", "/CN=DEABCE0001/O=ccs2-dc/C=DE/DC=CPO", SERVER, 0, false, NULL},
    {"secc_unknown", "cposub2", SECC_NAME, SERVER "|1.3.6.1.4.1.55555.2=DER:0500|nsComment=of a tool", 0, false, NULL},
    {"secc_plain", "cposub2", SECC_NAME, SIGNER, 0, false, NULL},
    {"secc_full", "cposub2", SECC_NAME, SERVER, 0, true, NULL},
    {"secc_large", "cposub2", SECC_NAME, SERVER, MINT_BIG, true, NULL},
    {"contract_full", "mosub2", "/DC=MO" OF "/CN=DEABCC123ABC56", CONTRACT, 0, true, NULL},
    {"vehicle_full", "vehsub2", CAR_NAME, CLIENT, 0, true, NULL},
    {"v2groot_new", NULL, "/DC=V2G" OF "/CN=V2GRootCA", ROOT, 0, false, NULL}, /* its name again, with the next key */
    {"cposub1_new", "v2groot_new", "/DC=V2G" OF "/CN=CPOSubCA1", SUB("1"), 0, false, "cposub1"},
    {"vehsub1_v2g", "v2groot", "/DC=V2G" OF "/CN=VehSubCA1 of V2G", SUB("1"), 0, false, NULL},
    {"vehicle_v2g", "vehsub1_v2g", CAR_NAME, CLIENT, 0, false, NULL},
    {"responder", "cposub2", OF "/CN=OCSP responder", LEAF "keyUsage=critical,digitalSignature|extendedKeyUsage=OCSPSigning", 0,
     false, NULL},
    /* one thing wrong with the certificate of a charger */
    {"s_expired", "cposub2", SECC_NAME, SERVER, MINT_EXPIRED, false, NULL},
    {"s_future", "cposub2", SECC_NAME, SERVER, MINT_FUTURE, false, NULL},
    {"s_eku", "cposub2", SECC_NAME, LEAF "keyUsage=critical,digitalSignature|extendedKeyUsage=clientAuth", 0, false, NULL},
    {"s_domain", "cposub2", "/DC=MO" OF "/CN=DEABCE0001", SERVER, 0, false, NULL},
    {"s_nodomain", "cposub2", OF "/CN=DEABCE0001", SERVER, 0, false, NULL},
    {"s_noname", "cposub2", "/DC=CPO" OF, SERVER, 0, false, NULL},
    {"s_usage", "cposub2", SECC_NAME, LEAF "keyUsage=critical,keyEncipherment|extendedKeyUsage=serverAuth", 0, false, NULL},
    {"s_nousage", "cposub2", SECC_NAME, LEAF "extendedKeyUsage=serverAuth", 0, false, NULL},
    {"s_softusage", "cposub2", SECC_NAME, LEAF "keyUsage=digitalSignature|extendedKeyUsage=serverAuth", 0, false, NULL},
    {"s_signs", "cposub2", SECC_NAME, LEAF "keyUsage=critical,digitalSignature,keyCertSign", 0, false, NULL},
    {"s_softbasic", "cposub2", SECC_NAME, "basicConstraints=CA:false|keyUsage=critical,digitalSignature", 0, false, NULL},
    {"s_ca", "cposub1", SECC_NAME, SUB("0"), 0, false, NULL},
    {"s_critical", "cposub2", SECC_NAME, SERVER "|1.3.6.1.4.1.55555.2=critical,DER:0500", 0, false, NULL},
    {"s_twice", "cposub2", SECC_NAME, SERVER, MINT_TWICE, false, NULL},
    {"s_trailing", "cposub2", SECC_NAME, SERVER, MINT_TRAILING, false, NULL},
    {"s_ber", "cposub2", SECC_NAME, SERVER, MINT_LONG_FORM, false, NULL},
    {"s_changed", "cposub2", SECC_NAME, SERVER, MINT_SIGNATURE, false, NULL},
    {"s_algorithms", "cposub2", SECC_NAME, SERVER, MINT_ALGORITHMS, false, NULL},
    {"s_sha1", "cposub2", SECC_NAME, SERVER, MINT_SHA1, false, NULL},
    {"s_zero", "cposub2", SECC_NAME, SERVER, MINT_SERIAL_ZERO, false, NULL},
    {"s_negative", "cposub2", SECC_NAME, SERVER, MINT_SERIAL_NEGATIVE, false, NULL},
    {"s_longserial", "cposub2", SECC_NAME, SERVER, MINT_SERIAL_LONG, false, NULL},
    {"s_version", "cposub2", SECC_NAME, "", MINT_VERSION_1, false, NULL},
    {"s_rsa", "cposub2", SECC_NAME, SERVER, MINT_RSA, false, NULL},
    {"s_curve", "cposub2", SECC_NAME, SERVER, MINT_OTHER_CURVE, false, NULL},
    {"s_many", "cposub2", SECC_NAME, SERVER, MINT_MANY, false, NULL},
    {"s_compressed", "cposub2", SECC_NAME, SERVER, MINT_COMPRESSED, false, NULL},
    {"s_backwards", "cposub2", SECC_NAME, SERVER, MINT_BACKWARDS, false, NULL},
    {"s_point", "cposub2", SECC_NAME, SERVER, MINT_OFF_CURVE, false, NULL},
    {"s_self", NULL, SECC_NAME, SERVER, 0, false, NULL},
    {"s_bysecc", "secc", "/DC=CPO" OF "/CN=Evil", SERVER, 0, false, NULL},
    {"s_path0root", "v2groot", "/DC=V2G" OF "/CN=CPOSubCA1 with path 0", SUB("0"), 0, false, NULL},
    {"s_path0low", "s_path0root", "/DC=V2G" OF "/CN=CPOSubCA2 below path 0", SUB("0"), 0, false, NULL},
    {"s_path", "s_path0low", SECC_NAME, SERVER, 0, false, NULL},
    {"s_freesub", "v2groot", "/DC=V2G" OF "/CN=CPOSubCA without a path", SUB_FREE, 0, false, NULL},
    {"s_free", "s_freesub", SECC_NAME, SERVER, 0, false, NULL},
    {"s_softsub", "v2groot", "/DC=V2G" OF "/CN=CPOSubCA not critical",
     "basicConstraints=CA:true,pathlen:0|keyUsage=critical,keyCertSign" KEY_IDS, 0, false, NULL},
    {"s_soft", "s_softsub", SECC_NAME, SERVER, 0, false, NULL},
    {"s_nobasicsub", "v2groot", "/DC=V2G" OF "/CN=CPOSubCA without constraints", "keyUsage=critical,keyCertSign" KEY_IDS, 0, false,
     NULL},
    {"s_nobasic", "s_nobasicsub", SECC_NAME, SERVER, 0, false, NULL},
    {"s_curvesub", "cposub1", "/DC=V2G" OF "/CN=CPOSubCA2 of another curve", SUB("0"), MINT_OTHER_CURVE, false, NULL},
    {"s_belowcurve", "s_curvesub", SECC_NAME, SERVER, 0, false, NULL},
    {"s_domainsub", "cposub1", "/DC=MO" OF "/CN=CPOSubCA2 of MO", SUB("0"), 0, false, NULL},
    {"s_belowmo", "s_domainsub", SECC_NAME, SERVER, 0, false, NULL},
    {"s_expiredsub", "cposub1", "/DC=V2G" OF "/CN=CPOSubCA2 expired", SUB("0"), MINT_EXPIRED, false, NULL},
    {"s_belowexpired", "s_expiredsub", SECC_NAME, SERVER, 0, false, NULL},
    {"s_private_sub", "privroot", "/DC=V2G" OF "/CN=Private SubCA", SUB("0"), 0, false, NULL},
    {"s_private_deep", "s_private_sub", SECC_NAME, SERVER, 0, false, NULL},
    {"contract_large", "mosub2", "/DC=MO" OF "/CN=DEABCC123ABC56", CONTRACT, MINT_BIG, true, NULL},
    /* of a car */
    {"v_expired", "vehsub2", CAR_NAME, CLIENT, MINT_EXPIRED, false, NULL},
    {"v_domain", "vehsub2", "/DC=CPO" CAR_NAME, CLIENT, 0, false, NULL},
    {"v_country", "vehsub2", "/C=DE" CAR_NAME, CLIENT, 0, false, NULL},
    {"v_eku", "vehsub2", CAR_NAME, LEAF "keyUsage=critical,digitalSignature|extendedKeyUsage=serverAuth", 0, false, NULL},
    {"v_usage", "vehsub2", CAR_NAME, LEAF "keyUsage=critical,keyEncipherment|extendedKeyUsage=clientAuth", 0, false, NULL},
    {"v_large", "vehsub2", CAR_NAME, CLIENT, MINT_BIG, true, NULL},
    /* the evil twin: the same names, other keys */
    {"evilroot", NULL, "/DC=OEM" OF "/CN=OEMRootCA", ROOT, 0, false, NULL},
    {"evilsub1", "evilroot", "/DC=OEM" OF "/CN=VehSubCA1", SUB("1"), 0, false, NULL},
    {"evilsub2", "evilsub1", "/DC=OEM" OF "/CN=VehSubCA2", SUB("0"), 0, false, NULL},
    {"v_twin", "evilsub2", CAR_NAME, CLIENT, 0, false, NULL},
    /* many sub-CAs, none with a path length */
    {"l1", "oemroot", "/DC=OEM" OF "/CN=L1", SUB_FREE, 0, false, NULL},
    {"l2", "l1", "/DC=OEM" OF "/CN=L2", SUB_FREE, 0, false, NULL},
    {"l3", "l2", "/DC=OEM" OF "/CN=L3", SUB_FREE, 0, false, NULL},
    {"l4", "l3", "/DC=OEM" OF "/CN=L4", SUB_FREE, 0, false, NULL},
    {"l5", "l4", "/DC=OEM" OF "/CN=L5", SUB_FREE, 0, false, NULL},
    {"l6", "l5", "/DC=OEM" OF "/CN=L6", SUB_FREE, 0, false, NULL},
    {"l7", "l6", "/DC=OEM" OF "/CN=L7", SUB_FREE, 0, false, NULL},
    {"l8", "l7", "/DC=OEM" OF "/CN=L8", SUB_FREE, 0, false, NULL},
    {"l9", "l8", "/DC=OEM" OF "/CN=L9", SUB_FREE, 0, false, NULL},
    {"l10", "l9", "/DC=OEM" OF "/CN=L10", SUB_FREE, 0, false, NULL},
    {"v_three", "l3", CAR_NAME, CLIENT, 0, false, NULL},
    {"v_ten", "l10", CAR_NAME, CLIENT, 0, false, NULL},
};

/* ---- cases */

#define GOOD       PKI_GOOD, 0
#define SECC_CHAIN " cposub2 cposub1"
#define CAR_CHAIN  " vehsub2 vehsub1"
#define USUAL            \
    {                    \
        NULL, NULL, NULL \
    }

const tree_case_t tree_cases[] = {
    /* must be accepted */
    {"secc", PKI_SECC, "secc" SECC_CHAIN, USUAL, 0, GOOD, true},
    {"cps", PKI_CPS, "cps cpssub2 cpssub1", USUAL, 0, GOOD, true},
    {"contract", PKI_CONTRACT, "contract mosub2 mosub1", USUAL, 0, GOOD, true},
    {"oemprov", PKI_OEM_PROVISIONING, "oemprov oemsub2 oemsub1", USUAL, 0, GOOD, true},
    {"vehicle", PKI_VEHICLE, "vehicle" CAR_CHAIN, USUAL, CASE_ISO20, GOOD, true},
    {"vehicle-below-v2g", PKI_VEHICLE, "vehicle_v2g vehsub1_v2g", USUAL, CASE_ISO20, GOOD, true},
    {"secc-private", PKI_SECC_PRIVATE, "secc_private", {"privroot", NULL, NULL}, 0, GOOD, true},
    {"second-root", PKI_SECC, "secc_2 cposub2_2 cposub1_2", USUAL, 0, GOOD, true},
    {"renewed-root", PKI_SECC, "secc cposub2 cposub1_new", {"v2groot v2groot_new", NULL, NULL}, 0, GOOD, true},
    {"root-with-purposes", PKI_SECC, "secc_eku cposub1_eku", USUAL, 0, GOOD, true},
    {"root-sent-too", PKI_SECC, "secc" SECC_CHAIN " v2groot", USUAL, 0, GOOD, true},
    {"name-in-other-order", PKI_SECC, "secc_order" SECC_CHAIN, USUAL, 0, GOOD, true},
    {"unknown-extensions", PKI_SECC, "secc_unknown" SECC_CHAIN, USUAL, 0, GOOD, true},
    {"no-purpose", PKI_SECC, "secc_plain" SECC_CHAIN, USUAL, 0, GOOD, true},
    {"secc-of-full-size", PKI_SECC, "secc_full" SECC_CHAIN, USUAL, 0, GOOD, true},
    {"secc-above-800", PKI_SECC, "secc_large" SECC_CHAIN, USUAL, CASE_ISO2 | CASE_LARGE, GOOD, true},
    {"contract-of-full-size", PKI_CONTRACT, "contract_full mosub2 mosub1", USUAL, 0, GOOD, true},
    {"vehicle-of-full-size", PKI_VEHICLE, "vehicle_full" CAR_CHAIN, USUAL, CASE_ISO20, GOOD, true},
    /* the certificate itself */
    {"trailing", PKI_SECC, "s_trailing" SECC_CHAIN, USUAL, 0, PKI_TRAILING, 0, false},
    {"ber", PKI_SECC, "s_ber" SECC_CHAIN, USUAL, 0, PKI_DER, 0, false},
    {"version-1", PKI_SECC, "s_version" SECC_CHAIN, USUAL, 0, PKI_VERSION, 0, false},
    {"serial-zero", PKI_SECC, "s_zero" SECC_CHAIN, USUAL, 0, PKI_SERIAL, 0, false},
    {"serial-negative", PKI_SECC, "s_negative" SECC_CHAIN, USUAL, 0, PKI_SERIAL, 0, false},
    {"serial-long", PKI_SECC, "s_longserial" SECC_CHAIN, USUAL, 0, PKI_SERIAL, 0, false},
    {"algorithms-differ", PKI_SECC, "s_algorithms" SECC_CHAIN, USUAL, 0, PKI_ALGORITHMS_DIFFER, 0, false},
    {"extension-twice", PKI_SECC, "s_twice" SECC_CHAIN, USUAL, 0, PKI_EXTENSION_TWICE, 0, false},
    {"many-extensions", PKI_SECC, "s_many" SECC_CHAIN, USUAL, 0, PKI_EXTENSIONS_MANY, 0, false},
    {"point-compressed", PKI_SECC, "s_compressed" SECC_CHAIN, USUAL, CASE_NO_ED448, PKI_KEY_FORMAT, 0, false},
    {"dates-backwards", PKI_SECC, "s_backwards" SECC_CHAIN, USUAL, 0, PKI_DATES, 0, false},
    {"extension-critical", PKI_SECC, "s_critical" SECC_CHAIN, USUAL, 0, PKI_EXTENSION_CRITICAL, 0, false},
    {"secc-above-1600", PKI_SECC, "secc_large" SECC_CHAIN, USUAL, CASE_ISO20, PKI_SIZE, 0, false},
    {"contract-above-size", PKI_CONTRACT, "contract_large mosub2 mosub1", USUAL, 0, PKI_SIZE, 0, false},
    {"vehicle-above-1600", PKI_VEHICLE, "v_large" CAR_CHAIN, USUAL, CASE_ISO20, PKI_SIZE, 0, false},
    {"sha-1", PKI_SECC, "s_sha1" SECC_CHAIN, USUAL, CASE_NO_ED448, PKI_SIGNATURE_ALGORITHM, 0, false},
    {"rsa-1024", PKI_SECC, "s_rsa" SECC_CHAIN, USUAL, 0, PKI_KEY_TYPE, 0, false},
    {"other-curve", PKI_SECC, "s_curve" SECC_CHAIN, USUAL, 0, PKI_KEY_NOT_ALLOWED, 0, false},
    {"other-curve-in-sub-ca", PKI_SECC, "s_belowcurve s_curvesub cposub1", USUAL, 0, PKI_SIGNATURE_ALGORITHM, 0, false},
    {"point-off-curve", PKI_SECC, "s_point" SECC_CHAIN, USUAL, CASE_NO_ED448, PKI_KEY_INVALID, 0, false},
    /* what the role demands */
    {"purpose-of-client", PKI_SECC, "s_eku" SECC_CHAIN, USUAL, 0, PKI_PURPOSE, 0, false},
    {"domain-of-mo", PKI_SECC, "s_domain" SECC_CHAIN, USUAL, 0, PKI_DOMAIN, 0, false},
    {"no-domain", PKI_SECC, "s_nodomain" SECC_CHAIN, USUAL, 0, PKI_DOMAIN, 0, false},
    {"no-name", PKI_SECC, "s_noname" SECC_CHAIN, USUAL, 0, PKI_SUBJECT, 0, false},
    {"usage-of-encipherment", PKI_SECC, "s_usage" SECC_CHAIN, USUAL, 0, PKI_USAGE, 0, false},
    {"usage-missing", PKI_SECC, "s_nousage" SECC_CHAIN, USUAL, 0, PKI_USAGE_MISSING, 0, false},
    {"usage-not-critical", PKI_SECC, "s_softusage" SECC_CHAIN, USUAL, 0, PKI_USAGE_NOT_CRITICAL, 0, false},
    {"leaf-that-signs-certificates", PKI_SECC, "s_signs" SECC_CHAIN, USUAL, 0, PKI_USAGE, 0, false},
    {"leaf-constraints-not-critical", PKI_SECC, "s_softbasic" SECC_CHAIN, USUAL, 0, PKI_CONSTRAINTS_NOT_CRITICAL, 0, false},
    {"leaf-is-ca", PKI_SECC, "s_ca cposub1", USUAL, 0, PKI_LEAF_IS_CA, 0, false},
    {"vehicle-domain", PKI_VEHICLE, "v_domain" CAR_CHAIN, USUAL, CASE_ISO20, PKI_DOMAIN, 0, false},
    {"vehicle-country", PKI_VEHICLE, "v_country" CAR_CHAIN, USUAL, CASE_ISO20, PKI_SUBJECT, 0, false},
    {"vehicle-purpose", PKI_VEHICLE, "v_eku" CAR_CHAIN, USUAL, CASE_ISO20, PKI_PURPOSE, 0, false},
    {"vehicle-usage", PKI_VEHICLE, "v_usage" CAR_CHAIN, USUAL, CASE_ISO20, PKI_USAGE, 0, false},
    {"provisioning-as-vehicle", PKI_VEHICLE, "oemprov oemsub2 oemsub1", USUAL, CASE_ISO20, PKI_PURPOSE_MISSING, 0, false},
    {"contract-as-vehicle", PKI_VEHICLE, "contract mosub2 mosub1", USUAL, CASE_ISO20, PKI_ROOT_OF_ANOTHER_STORE, 2, false},
    {"secc-as-vehicle", PKI_VEHICLE, "secc" SECC_CHAIN, USUAL, CASE_ISO20, PKI_PURPOSE, 0, false},
    {"vehicle-as-secc", PKI_SECC, "vehicle" CAR_CHAIN, USUAL, 0, PKI_ROOT_OF_ANOTHER_STORE, 2, false},
    {"secc-as-contract", PKI_CONTRACT, "secc" SECC_CHAIN, USUAL, 0, PKI_PURPOSE, 0, false},
    {"cps-as-contract", PKI_CONTRACT, "cps cpssub2 cpssub1", USUAL, 0, PKI_DOMAIN, 0, false},
    {"contract-as-cps", PKI_CPS, "contract mosub2 mosub1", USUAL, 0, PKI_ROOT_OF_ANOTHER_STORE, 2, false},
    {"emaid-of-another", PKI_CONTRACT, "contract mosub2 mosub1", USUAL, CASE_NAME, PKI_NAME, 0, false},
    {"key-of-another", PKI_SECC, "secc" SECC_CHAIN, USUAL, CASE_OTHER_KEY, PKI_OWN_KEY, 0, false},
    /* the chain */
    {"empty", PKI_SECC, "", USUAL, 0, PKI_EMPTY, 0, false},
    {"sub-ca-missing", PKI_SECC, "secc cposub1", USUAL, 0, PKI_ISSUER_MISSING, 0, false},
    {"upper-sub-ca-missing", PKI_SECC, "secc cposub2", USUAL, 0, PKI_ROOT_UNKNOWN, 1, false},
    {"no-sub-ca", PKI_SECC, "secc", USUAL, 0, PKI_ROOT_UNKNOWN, 0, false},
    {"wrong-order", PKI_SECC, "secc cposub1 cposub2", USUAL, 0, PKI_ORDER, 0, false},
    {"root-first", PKI_SECC, "cposub1 cposub2 secc", USUAL, 0, PKI_ISSUER_MISSING, 0, false},
    {"self-signed", PKI_SECC, "s_self", USUAL, 0, PKI_SELF_SIGNED, 0, false},
    {"issued-by-a-leaf", PKI_SECC, "s_bysecc secc cposub2", {"cposub1", NULL, NULL}, 0, PKI_NOT_A_CA, 1, false},
    {"root-as-leaf", PKI_SECC, "v2groot", USUAL, 0, PKI_LEAF_IS_CA, 0, false},
    {"path-length", PKI_SECC, "s_path s_path0low s_path0root", USUAL, 0, PKI_PATH_LENGTH, 2, false},
    {"path-length-missing", PKI_SECC, "s_free s_freesub", USUAL, 0, PKI_PATH_LENGTH_MISSING, 1, false},
    {"constraints-not-critical", PKI_SECC, "s_soft s_softsub", USUAL, 0, PKI_CONSTRAINTS_NOT_CRITICAL, 1, false},
    {"constraints-missing", PKI_SECC, "s_nobasic s_nobasicsub", USUAL, 0, PKI_CONSTRAINTS_MISSING, 1, false},
    {"sub-ca-of-mo", PKI_SECC, "s_belowmo s_domainsub cposub1", USUAL, 0, PKI_DOMAIN, 1, false},
    {"private-with-sub-ca", PKI_SECC_PRIVATE, "s_private_deep s_private_sub", {"privroot", NULL, NULL}, 0, PKI_TOO_LONG, 1, false},
    {"three-sub-cas", PKI_VEHICLE, "v_three l3 l2 l1", USUAL, CASE_ISO20, PKI_TOO_LONG, 3, false},
    {"ten-sub-cas", PKI_VEHICLE, "v_ten l10 l9 l8 l7 l6 l5 l4 l3 l2 l1", USUAL, CASE_ISO20, PKI_TOO_LONG, 3, false},
    {"unknown-root", PKI_SECC, "secc_private", USUAL, 0, PKI_ROOT_UNKNOWN, 0, false},
    {"no-roots", PKI_SECC, "secc" SECC_CHAIN, {"", "", ""}, 0, PKI_ROOT_UNKNOWN, 2, false},
    {"v2g-root-in-mo-store", PKI_SECC, "secc" SECC_CHAIN, {"", "", "v2groot"}, 0, PKI_ROOT_OF_ANOTHER_STORE, 2, false},
    {"leaf-as-root", PKI_SECC, "s_bysecc", {"secc", NULL, NULL}, 0, PKI_NOT_A_CA, 1, false},
    /* signatures */
    {"changed-after-signing", PKI_SECC, "s_changed" SECC_CHAIN, USUAL, 0, PKI_SIGNATURE, 0, false},
    {"evil-twin", PKI_VEHICLE, "v_twin evilsub2 evilsub1", USUAL, CASE_ISO20, PKI_SIGNATURE, 2, false},
    {"evil-twin-below", PKI_VEHICLE, "v_twin" CAR_CHAIN, USUAL, CASE_ISO20, PKI_SIGNATURE, 0, false},
    /* time and revocation */
    {"expired", PKI_SECC, "s_expired" SECC_CHAIN, USUAL, 0, PKI_EXPIRED, 0, false},
    {"not-yet-valid", PKI_SECC, "s_future" SECC_CHAIN, USUAL, 0, PKI_NOT_YET_VALID, 0, false},
    {"vehicle-expired", PKI_VEHICLE, "v_expired" CAR_CHAIN, USUAL, CASE_ISO20, PKI_EXPIRED, 0, false},
    {"sub-ca-expired", PKI_SECC, "s_belowexpired s_expiredsub cposub1", USUAL, 0, PKI_EXPIRED, 1, false},
    {"no-time", PKI_SECC, "secc" SECC_CHAIN, USUAL, CASE_NO_TIME, PKI_NO_TIME, 0, false},
    {"revoked", PKI_SECC, "secc" SECC_CHAIN, USUAL, CASE_REVOKED, PKI_REVOKED, 0, false},
    {"sub-ca-revoked", PKI_SECC, "secc" SECC_CHAIN, USUAL, CASE_REVOKED_SUB, PKI_REVOKED, 1, false},
    {"revocation-unknown", PKI_SECC, "secc" SECC_CHAIN, USUAL, CASE_NO_STATUS, PKI_REVOCATION_UNKNOWN, 0, false},
    {"revocation-stale", PKI_SECC, "secc" SECC_CHAIN, USUAL, CASE_STALE, PKI_REVOCATION_STALE, 0, false},
    {"revocation-of-another", PKI_SECC, "secc" SECC_CHAIN, USUAL, CASE_OTHER_STATUS, PKI_REVOCATION_UNKNOWN, 0, false},
};

const size_t tree_cases_count = sizeof tree_cases / sizeof tree_cases[0];

const char *tree_folder(mint_kind_t kind)
{
    static const char *const folders[] = {"iso2", "iso20-p521", "iso20-ed448"};
    return kind < MINT_KINDS ? folders[kind] : "?";
}

pki_edition_t tree_edition(mint_kind_t kind)
{
    return kind == MINT_P256 ? PKI_ISO2 : PKI_ISO20;
}

bool case_applies(const tree_case_t *one, mint_kind_t kind)
{
    const unsigned editions = one->flags & (CASE_ISO2 | CASE_ISO20);
    const unsigned own = tree_edition(kind) == PKI_ISO2 ? CASE_ISO2 : CASE_ISO20;
    return (editions == 0 || editions & own) && !(kind == MINT_ED448 && one->flags & CASE_NO_ED448);
}

const char *case_roots(const tree_case_t *one, pki_store_kind_t store)
{
    static const char *const usual[PKI_STORES_COUNT] = {"v2groot v2groot2 v2groot_eku", "oemroot", "moroot"};
    return one->roots[store] ? one->roots[store] : usual[store];
}

/* ---- making */

const minted_t *tree_find(const tree_t *tree, const char *name)
{
    for (size_t i = 0; i < tree->count; i++) {
        if (strcmp(tree->item[i].spec->name, name) == 0) {
            return &tree->item[i];
        }
    }
    return NULL;
}

/* SHA-1 and points off a curve are of elliptic curves with a hash. */
static bool spec_applies(const mint_spec_t *spec, mint_kind_t kind)
{
    return kind != MINT_ED448 || !(spec->flags & (MINT_SHA1 | MINT_OFF_CURVE | MINT_COMPRESSED));
}

static bool make_one(tree_t *tree, const mint_spec_t *spec)
{
    const minted_t *const issuer = spec->issuer ? tree_find(tree, spec->issuer) : NULL;
    const minted_t *const owner = spec->key ? tree_find(tree, spec->key) : NULL;
    if ((spec->issuer && !issuer) || (spec->key && !owner) || tree->count == TREE_MAX) {
        return false;
    }
    minted_t *const out = &tree->item[tree->count];
    if (!mint_make(&tree->mint, spec, issuer, owner ? owner->key : NULL, out)) {
        mint_free(out);
        return false;
    }
    tree->count++;
    return true;
}

bool tree_make(tree_t *tree, mint_kind_t kind, int64_t from_s, int64_t until_s)
{
    memset(tree, 0, sizeof *tree);
    tree->mint =
        (mint_t){.kind = kind, .from_s = from_s, .until_s = until_s, .size = kind == MINT_P256 ? 800 : 1600, .serial = 4096};
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        if (spec_applies(&specs[i], kind) && !make_one(tree, &specs[i])) {
            return false;
        }
    }
    return true;
}

void tree_free(tree_t *tree)
{
    for (size_t i = 0; i < tree->count; i++) {
        mint_free(&tree->item[i]);
    }
    tree->count = 0;
}

/* ---- judging */

size_t case_certificates(const tree_t *tree, const char *names, const minted_t *found[CASE_CERTIFICATES_MAX])
{
    size_t count = 0;
    while (*names && count < CASE_CERTIFICATES_MAX) {
        char name[32];
        const size_t length = strcspn(names, " ");
        if (length > 0 && length < sizeof name) {
            memcpy(name, names, length);
            name[length] = '\0';
            found[count] = tree_find(tree, name);
            count += found[count] != NULL;
        }
        names += length;
        names += strspn(names, " ");
    }
    return count;
}

static size_t case_views(const tree_t *tree, const char *names, ccs_view_t views[CASE_CERTIFICATES_MAX])
{
    const minted_t *found[CASE_CERTIFICATES_MAX];
    const size_t count = case_certificates(tree, names, found);
    for (size_t i = 0; i < count; i++) {
        views[i] = (ccs_view_t){found[i]->der, found[i]->length};
    }
    return count;
}

/* Answers that say good on every certificate of the chain, but for what the case wants otherwise. */
static size_t case_statuses(const tree_case_t *one, const ccs_view_t *chain, size_t count, pki_status_t *statuses)
{
    const pki_crypto_t crypto = pki_openssl();
    enum { WEEK_S = 7 * 86400 };
    size_t made = 0;
    for (size_t i = 0; i < count; i++) {
        pki_status_t *const status = &statuses[made];
        *status = (pki_status_t){.from_s = TREE_NOW_S - 3600, .until_s = TREE_NOW_S + WEEK_S};
        crypto.sha256(crypto.ctx, chain[i], status->sha256);
        status->revoked = (i == 0 && one->flags & CASE_REVOKED) || (i == 1 && one->flags & CASE_REVOKED_SUB);
        status->until_s -= i == 0 && one->flags & CASE_STALE ? 2 * WEEK_S : 0;
        status->sha256[0] ^= i == 0 && one->flags & CASE_OTHER_STATUS ? 1 : 0;
        made += !(i == 0 && one->flags & CASE_NO_STATUS);
    }
    return made;
}

pki_verdict_t case_judge(const tree_t *tree, const tree_case_t *one, pki_cache_t *cache)
{
    const pki_crypto_t crypto = pki_openssl();
    ccs_view_t chain[CASE_CERTIFICATES_MAX] = {0}, roots[PKI_STORES_COUNT][CASE_CERTIFICATES_MAX] = {0};
    pki_status_t statuses[CASE_CERTIFICATES_MAX];
    pki_stores_t stores;
    for (size_t i = 0; i < PKI_STORES_COUNT; i++) {
        stores.store[i] = (pki_store_t){roots[i], case_views(tree, case_roots(one, (pki_store_kind_t)i), roots[i])};
    }
    pki_request_t request = {.role = one->role, .edition = tree_edition(tree->mint.kind), .chain = chain, .statuses = statuses};
    request.count = case_views(tree, one->chain, chain);
    request.statuses_count = case_statuses(one, chain, request.count, statuses);
    request.now_s = one->flags & CASE_NO_TIME ? 0 : TREE_NOW_S;
    if (one->flags & CASE_NAME) {
        request.name = (ccs_view_t){(const uint8_t *)"DE-ABC-C123ABC57", 16};
    }
    if (one->flags & CASE_OTHER_KEY) {
        request.own_key = (ccs_view_t){(const uint8_t *)"\4another", 8};
    }
    return pki_judge(&stores, &request, &crypto, cache);
}
