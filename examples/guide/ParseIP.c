/*
 * The guide's ParseIP: an address from its text, <nil> for what is none. Without
 * arguments, the guide's own three.
 *
 *	ParseIP [address...]
 */
#include <hoy.h>

#include <stdio.h>

int main(int argc, char **argv)
{
	static const char *const guide[] = { "192.0.2.1", "2001:db8::68", "192.0.2" };
	int n = argc > 1 ? argc - 1 : 3;

	for (int i = 0; i < n; i++) {
		char text[HOY_IP_STRLEN];
		hoy_ip ip = { 0 };

		hoy_parse_ip(argc > 1 ? argv[i + 1] : guide[i], &ip, NULL);
		printf("%s\n", hoy_ip_string(ip, text));
	}
	return 0;
}
