/*
 * Errors: a code that is returned, and a record that tells the story.
 *
 * Every call that can fail returns a negative code: -errno as the system says it,
 * or one of hoy's own, from -4096 down. Calls about addresses, names, connections
 * and options also take `hoy_err *err` as their last parameter. It is the caller's,
 * may be NULL, and is written only when the call fails.
 */
#ifndef HOY_ERR_H
#define HOY_ERR_H

#include <stddef.h>
#include <stdint.h>

#include <hoy/addr.h>

#ifdef __cplusplus
extern "C" {
#endif

/* name, number, Go's wording; numbers are never reused */
#define HOY_CODES(X) \
	X(HOY_ETIMEOUT,   -4096, "i/o timeout") \
	X(HOY_ECLOSED,    -4097, "use of closed network connection") \
	X(HOY_ECANCELED,  -4098, "operation was canceled") \
	X(HOY_ENOHOST,    -4099, "no such host") \
	X(HOY_ENODATA,    -4100, "no such host") \
	X(HOY_ESERVFAIL,  -4101, "server misbehaving") \
	X(HOY_EREFUSED,   -4102, "server misbehaving") \
	X(HOY_EADDR,      -4103, "invalid address") \
	X(HOY_ENETWORK,   -4104, "unknown network") \
	X(HOY_EMESSAGE,   -4105, "cannot unmarshal DNS message") \
	X(HOY_ENORUNTIME, -4106, "not inside hoy_run") \
	X(HOY_ENOPORT,    -4107, "unknown port") \
	X(HOY_EPIPE,      -4108, "io: read/write on closed pipe") \
	X(HOY_EEOF,       -4109, "unexpected EOF") \
	X(HOY_ETOOLONG,   -4110, "line or data longer than the limit") \
	X(HOY_EMISSING,   -4111, "missing address") \
	X(HOY_EMISMATCH,  -4112, "mismatched local address type") \
	X(HOY_EWRONGKIND, -4113, "operation not supported by this kind of connection") \
	X(HOY_ECONNECTED, -4114, "use of WriteTo with pre-connected connection") \
	/* host:port, networks, ports, hardware addresses */ \
	X(HOY_EMISSINGPORT,   -4115, "missing port in address") \
	X(HOY_EMANYCOLONS,    -4116, "too many colons in address") \
	X(HOY_ENOBRACKET,     -4117, "missing ']' in address") \
	X(HOY_EOPENBRACKET,   -4118, "unexpected '[' in address") \
	X(HOY_ECLOSEBRACKET,  -4119, "unexpected ']' in address") \
	X(HOY_EUNSUITABLE,    -4120, "no suitable address found") \
	X(HOY_EBADPORT,       -4121, "invalid port") \
	X(HOY_ENOPROTO,       -4122, "unknown IP protocol specified") \
	X(HOY_ENOTIPV4,       -4123, "non-IPv4 address") \
	X(HOY_ENOTIPV6,       -4124, "non-IPv6 address") \
	X(HOY_EMAC,           -4125, "invalid MAC address") \
	X(HOY_EUNRECOGNIZED,  -4126, "unrecognized address") \
	X(HOY_EZONELONG,      -4127, "zone longer than 15 bytes") \
	X(HOY_EPATHLONG,      -4128, "path longer than 107 bytes") \
	X(HOY_EHOSTLONG,      -4129, "host longer than 255 bytes") \
	/* the text of an IP address */ \
	X(HOY_EIP_UNABLE,     -4130, "unable to parse IP") \
	X(HOY_EIP_CHAR,       -4131, "unexpected character") \
	X(HOY_EIP4_ZERO,      -4132, "IPv4 field has octet with leading zero") \
	X(HOY_EIP4_VALUE,     -4133, "IPv4 field has value >255") \
	X(HOY_EIP4_EMPTY,     -4134, "IPv4 field must have at least one digit") \
	X(HOY_EIP4_LONG,      -4135, "IPv4 address too long") \
	X(HOY_EIP4_SHORT,     -4136, "IPv4 address too short") \
	X(HOY_EIP6_MISSING,   -4137, "missing IPv6 address") \
	X(HOY_EIP6_ZONE,      -4138, "zone must be a non-empty string") \
	X(HOY_EIP6_END,       -4139, "colon must be followed by more characters") \
	X(HOY_EIP6_DIGITS,    -4140, "each group must have 4 or less digits") \
	X(HOY_EIP6_EMPTY,     -4141, "each colon-separated field must have at least one digit") \
	X(HOY_EIP6_EARLY4,    -4142, "embedded IPv4 address must replace the final 2 fields of the address") \
	X(HOY_EIP6_LATE4,     -4143, "too many hex fields to fit an embedded IPv4 at the end of the address") \
	X(HOY_EIP6_COLON,     -4144, "unexpected character, want colon") \
	X(HOY_EIP6_GAPS,      -4145, "multiple :: in address") \
	X(HOY_EIP6_TRAILING,  -4146, "trailing garbage after address") \
	X(HOY_EIP6_SHORT,     -4147, "address string too short") \
	X(HOY_EIP6_NOGAP,     -4148, "the :: must expand to at least one field of zeros") \
	X(HOY_EIP_ZONE,      -4149, "unexpected zone") \
	/* prefixes and ip:port */ \
	X(HOY_ENOSLASH,       -4150, "no '/'") \
	X(HOY_EPREFIXZONE,    -4151, "IPv6 zones cannot be present in a prefix") \
	X(HOY_EPREFIXBITS,    -4152, "bad bits after slash") \
	X(HOY_EPREFIXLEN,     -4153, "prefix length out of range") \
	X(HOY_ENOTIPPORT,     -4154, "not an ip:port") \
	X(HOY_ENOIP,          -4155, "no IP") \
	X(HOY_EEMPTYPORT,     -4156, "no port") \
	X(HOY_EUNCLOSED,      -4157, "missing ]") \
	X(HOY_EBRACKETED4,    -4158, "square brackets can only be used with IPv6 addresses") \
	X(HOY_EUNBRACKETED6,  -4159, "IPv6 addresses must be surrounded by square brackets") \
	X(HOY_ERANGEEND,      -4160, "index out of range") \
	X(HOY_EUNEXPECTED,    -4161, "unexpected address type") \
	/* what name servers answer */ \
	X(HOY_ELAME,          -4162, "lame referral") \
	X(HOY_EBADNAMES,      -4163, "DNS response contained records which contain invalid names") \
	/* ICMP */ \
	X(HOY_ESHORT,         -4164, "message too short") \
	/* interfaces */ \
	X(HOY_ENOINTERFACE,    -4165, "no such network interface") \
	X(HOY_EINTERFACENAME,  -4166, "invalid network interface name") \
	X(HOY_EINTERFACEINDEX, -4167, "invalid network interface index") \
	/* The PROXY protocol: hoy/proxy_header.h. */ \
	X(HOY_ENOPROXY,        -4168, "no PROXY protocol header") \
	X(HOY_EPROXY,          -4169, "malformed PROXY protocol header")

enum hoy_code {
#define HOY_CODE_ENUM(name, number, text) name = number,
	HOY_CODES(HOY_CODE_ENUM)
#undef HOY_CODE_ENUM
	HOY_CODE_LOWEST = -8192
};

/* Which sentence hoy_err_string composes. */
enum hoy_err_kind {
	HOY_ERR_PLAIN,		/* the code's own text, after `call: ` if a call is named */
	HOY_ERR_LOOKUP,		/* lookup SUBJECT on ADDR: text */
	HOY_ERR_ADDR,		/* address SUBJECT: text */
	HOY_ERR_PARSE,		/* invalid CALL: SUBJECT; call is "IP address", "CIDR address" … */
	HOY_ERR_NETWORK,	/* unknown network SUBJECT */
	HOY_ERR_NETIP,		/* CALL("SUBJECT"): text; call is "ParseAddr", "netip.ParsePrefix" … */
	HOY_ERR_RDATA,		/* invalid NET record: CALL; net is "MX", call says why */
	HOY_ERR_HINT		/* as HOY_ERR_PLAIN, then what would help: text (SUBJECT) */
};

#define HOY_RCODE_NONE (~0u)	/* in place of an rcode: no reply came */

typedef struct hoy_err {
	int code, kind;		/* kind: one of enum hoy_err_kind */
	const char *op, *call;	/* "dial", "connect": static text, or NULL */
	char net[16];		/* "tcp", "ip4:icmp" */
	hoy_addr source, addr;	/* kind 0 when unknown */
	char subject[256];	/* the name looked up, the text that did not parse */
	unsigned offset, rcode;	/* where parsing stopped; of HOY_ERR_LOOKUP: the reply's, or HOY_RCODE_NONE */
	size_t done;		/* bytes moved before a write or copy gave up */
	uint16_t has_extended, extended;	/* the name server gave a reason (RFC 8914): its info-code, */
	uint32_t extra;		/* and where its words begin in subject, behind the name; 0: it had none */
	uint64_t reserved[3];
} hoy_err;

/* Room for the longest sentence: op, two addresses and a subject, with its NUL. */
#define HOY_ERR_STRLEN 1024

/*
 * Composes Go's sentence, `dial tcp 192.0.2.1:80: connect: connection refused`. What only a
 * name server knows follows in parentheses: `… server misbehaving (DNSSEC Bogus: no DS)`.
 */
char *hoy_err_string(const hoy_err *err, char buf[HOY_ERR_STRLEN]);

/* The text of one code, Go's wording; static, independent of the locale. */
const char *hoy_strerror(int code);

/* What an info-code of RFC 8914 is called, "DNSSEC Bogus"; of one without a name, "extended error 49152". */
#define HOY_EXTENDED_STRLEN 40
char *hoy_extended_string(unsigned code, char buf[HOY_EXTENDED_STRLEN]);

/* Go's Timeout(): HOY_ETIMEOUT or -ETIMEDOUT. */
int hoy_is_timeout(int code);
/* errors.Is(err, net.ErrClosed). */
int hoy_is_closed(int code);
/* The scope or the runtime was cancelled. */
int hoy_is_canceled(int code);
/* Go's IsNotFound: no such name, no such data, no such service. */
int hoy_is_not_found(int code);
/* Of a lookup, Go's IsTemporary: another try may go well. Timeouts, SERVFAIL, a socket or a system that failed. */
int hoy_is_temporary(int code);

#ifdef __cplusplus
}
#endif
#endif
