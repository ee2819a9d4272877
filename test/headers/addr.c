#include <hoy/addr.h>

int main(void)
{
	char text[HOY_ADDR_STRLEN], host[HOY_HOST_STRLEN], why[HOY_ERR_STRLEN];
	hoy_addr addr;
	hoy_err err;

	if (hoy_parse_addr("fe80::1%0123456789abcdef", &addr, &err) != HOY_EZONELONG || !hoy_err_string(&err, why)[0])
		return 1;
	if (hoy_parse_addr_port("192.0.2.1:80", &addr, &err) < 0 || hoy_addr_string(&addr, text)[0] != '1')
		return 1;
	return hoy_lookup_port("tcp", "80", &err) != 80 || sizeof host < 2;
}
