#include <hoy/ip.h>

int main(void)
{
	char text[HOY_IP_STRLEN], why[HOY_ERR_STRLEN];
	hoy_prefix prefix;
	hoy_ip ip;
	hoy_err err;

	if (hoy_parse_ip("192.0.2.256", &ip, &err) != HOY_EIP4_VALUE || !hoy_err_string(&err, why)[0])
		return 1;
	if (hoy_parse_prefix("192.0.2.0/24", &prefix, &err) < 0)
		return 1;
	ip = hoy_ip_next(prefix.ip);
	return !hoy_prefix_contains(prefix, ip) || hoy_ip_string(ip, text)[8] != '1';
}
