/* The guide's chapter on addresses and masks: what it prints, computed, and compared with what it says. */
#include <string.h>

#include "tour.h"

/* Shows the line, and keeps in *verdict that it was not what the guide prints. */
static void expect(struct step *s, enum verdict *verdict, const char *what, const char *got, const char *want)
{
	step_line(s, "%s --> %s", what, got);
	if (strcmp(got, want) != 0)
		*verdict = step_wrong(s, "%s gives %s, the guide says %s", what, got, want);
}

/* ParseIP as the guide prints it: the address, or <nil>. */
static const char *parsed(const char *text, char buf[HOY_IP_STRLEN])
{
	hoy_ip ip = { 0 };

	hoy_parse_ip(text, &ip, NULL);
	return hoy_ip_string(ip, buf);
}

static enum verdict addresses(struct step *s)
{
	static const uint8_t fc[16] = { 0xfc };
	enum verdict verdict = STEP_OK;
	char text[HOY_IP_STRLEN];

	step_command(s, "hoy ip fc00:: 10.123.0.12 10.255.0.0");
	expect(s, &verdict, "the 16 bytes fc 00 00 ...", hoy_ip_string(hoy_ip_from_bytes(fc, 16), text), "fc00::");
	/* The guide prints 10.255.0.0 here, which belongs to its next example; these bytes give: */
	expect(s, &verdict, "the 4 bytes 10 123 0 12 (misprinted in the guide as 10.255.0.0)",
	       hoy_ip_string(hoy_ipv4(10, 123, 0, 12), text), "10.123.0.12");
	expect(s, &verdict, "hoy_ipv4(10, 255, 0, 0)", hoy_ip_string(hoy_ipv4(10, 255, 0, 0), text), "10.255.0.0");
	return verdict;
}

static enum verdict parse(struct step *s)
{
	enum verdict verdict = STEP_OK;
	char text[HOY_IP_STRLEN];
	hoy_ip ip;
	hoy_err err;

	step_command(s, "hoy ip 192.0.2.1 2001:db8::68 192.0.2");
	expect(s, &verdict, "192.0.2.1", parsed("192.0.2.1", text), "192.0.2.1");
	expect(s, &verdict, "2001:db8::68", parsed("2001:db8::68", text), "2001:db8::68");
	expect(s, &verdict, "192.0.2", parsed("192.0.2", text), "<nil>");
	if (hoy_parse_ip("192.0.2", &ip, &err) != HOY_EIP4_SHORT || err.offset != 7)
		return step_wrong(s, "192.0.2 is refused for another reason");
	step_line(s, "because: %s, after character %u", hoy_strerror(err.code), err.offset);
	return verdict;
}

static enum verdict masks(struct step *s)
{
	enum verdict verdict = STEP_OK;
	char text[HOY_IPMASK_STRLEN];

	step_command(s, "hoy ip 192.168.1.3/24 2404:6800:4007:818::2004/64");
	expect(s, &verdict, "hoy_cidr_mask(24, 32)", hoy_ipmask_string(hoy_cidr_mask(24, 32), text), "ffffff00");
	expect(s, &verdict, "hoy_cidr_mask(64, 128)", hoy_ipmask_string(hoy_cidr_mask(64, 128), text),
	       "ffffffffffffffff0000000000000000");
	expect(s, &verdict, "hoy_ipv4_mask(255, 255, 255, 0)",
	       hoy_ipmask_string(hoy_ipv4_mask(255, 255, 255, 0), text), "ffffff00");
	return verdict;
}

static void expect_network(struct step *s, enum verdict *verdict, const char *address, hoy_ipmask mask, const char *want)
{
	char what[100], hex[HOY_IPMASK_STRLEN], text[HOY_IP_STRLEN];
	hoy_ip ip = { 0 };

	hoy_parse_ip(address, &ip, NULL);
	snprintf(what, sizeof what, "%s & %s", address, hoy_ipmask_string(mask, hex));
	expect(s, verdict, what, hoy_ip_string(hoy_ip_mask(ip, mask), text), want);
}

static enum verdict networks(struct step *s)
{
	enum verdict verdict = STEP_OK;
	char text[HOY_IPNET_STRLEN];
	hoy_ipmask mask = hoy_ip_default_mask(hoy_ipv4(192, 168, 1, 3));
	hoy_ipnet net;
	int ones, bits;

	step_command(s, "hoy ip 127.0.0.1/24 2404:6800:4007:818::2004/64 192.168.1.3");
	expect_network(s, &verdict, "127.0.0.1", hoy_cidr_mask(24, 32), "127.0.0.0");
	expect_network(s, &verdict, "2404:6800:4007:818::2004", hoy_cidr_mask(64, 128), "2404:6800:4007:818::");
	expect_network(s, &verdict, "192.168.1.3", mask, "192.168.1.0");
	ones = hoy_ipmask_size(mask, &bits);
	snprintf(text, sizeof text, "%d, %d", ones, bits);
	expect(s, &verdict, "ones and bits of the default mask", text, "24, 32");
	if (hoy_parse_cidr("127.0.0.1/23", NULL, &net, NULL) < 0)
		return step_wrong(s, "127.0.0.1/23 does not parse");
	expect(s, &verdict, "the network of 127.0.0.1/23", hoy_ipnet_string(&net, text), "127.0.0.0/23");
	return verdict;
}

const struct tour_step tour_ip[] = {
	{ "The IP type", "examples/guide/IP.c", addresses },
	{ "ParseIP", "examples/guide/ParseIP.c", parse },
	{ "The IPMask type", "examples/guide/Mask.c", masks },
	{ "Applying a mask", "examples/guide/Mask.c", networks },
	{ NULL, NULL, NULL }
};
