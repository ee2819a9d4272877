#include <hoy/dns.h>

int main(void)
{
	hoy_resolver_opts opts = { .hosts = "", .total = HOY_SECOND };
	hoy_resolver *r = hoy_resolver_new(&opts, NULL);
	hoy_addr *addrs = NULL;
	hoy_ip *list = NULL;
	hoy_err err;
	int n = hoy_resolver_lookup_ip(r, "ip", "192.0.2.1", &list, &err);
	int m = hoy_lookup_ip_addr("fe80::1%1", &addrs, &err);
	int bad = n != 1 || m != 1 || !hoy_ip_equal(list[0], hoy_ipv4(192, 0, 2, 1)) || hoy_answer_of(list)->dropped;

	hoy_free(list);
	hoy_free(addrs);
	hoy_resolver_free(r);
	return bad;
}
