#include <hoy/err.h>

int main(void)
{
	hoy_err err = { .code = HOY_ETIMEOUT, .op = "dial", .net = "tcp" };
	char text[HOY_ERR_STRLEN];

	return !hoy_is_timeout(err.code) || !hoy_err_string(&err, text)[0] || !hoy_strerror(HOY_ECLOSED)[0];
}
