#include <hoy/proxy_header.h>

int main(void)
{
	hoy_proxy_policy policy = { .mode = HOY_PROXY_REQUIRED };
	char header[HOY_PROXY_HEADER_LEN];
	hoy_proxy_header h;
	int len = hoy_proxy_header_format(1, NULL, NULL, header);

	return !(len == 15 && hoy_proxy_header_parse(header, 15, &h, NULL) == len && h.version == 1 && policy.timeout == 0);
}
