/* Hardware addresses: pairs of hex digits with one separator throughout, or Cisco's groups of four. */
#include <hoy/ip.h>

#include <string.h>

#include "base/fail.h"
#include "ip/text.h"

static int hex_value(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *found = c ? strchr(digits, c) : NULL;

	return found ? (int)((found - digits) % 16) : -1;
}

/* The place of the first wrong character, or NULL. A separator stands after every `group` bytes. */
static const char *scan_mac(const char *p, char separator, int group, hoy_mac *mac)
{
	for (mac->len = 0;;) {
		int high = hex_value(p[0]), low = high < 0 ? -1 : hex_value(p[1]);

		if (low < 0 || mac->len == sizeof mac->bytes)
			return high < 0 || mac->len == sizeof mac->bytes ? p : p + 1;
		mac->bytes[mac->len++] = (uint8_t)(high << 4 | low);
		p += 2;
		if (mac->len % group != 0)
			continue;
		if (*p == '\0')
			return mac->len == 6 || mac->len == 8 || mac->len == 20 ? NULL : p;
		if (*p != separator)
			return p;
		p++;
	}
}

int hoy_parse_mac(const char *text, hoy_mac *mac, hoy_err *err)
{
	size_t len = strlen(text);
	hoy_mac got = { 0 };
	const char *wrong = text + len;

	if (len >= 14 && (text[2] == ':' || text[2] == '-'))
		wrong = scan_mac(text, text[2], 1, &got);
	else if (len >= 14 && text[4] == '.')
		wrong = scan_mac(text, '.', 2, &got);
	else if (len >= 14)
		wrong = text + 2;
	if (wrong)
		return hoy__addr_fail(HOY_EMAC, text, wrong - text, err);
	*mac = got;
	return 0;
}

char *hoy_mac_string(hoy_mac mac, char buf[HOY_MAC_STRLEN])
{
	char *p = buf;

	for (int i = 0; i < mac.len && i < (int)sizeof mac.bytes; i++) {
		if (i > 0)
			*p++ = ':';
		p = hoy__put_hex(p, mac.bytes + i, 1);
	}
	*p = '\0';
	return buf;
}
