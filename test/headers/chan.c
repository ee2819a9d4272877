#include <hoy/chan.h>

int main(void)
{
	hoy_chan *c = hoy_chan_new(sizeof(int), 1);
	int sent = 7, got = 0, code = 1;
	hoy_case cases[] = { HOY_RECV(c, &got), HOY_DEFAULT };

	if (hoy_chan_send(c, &sent) != 0 || hoy_select(cases, 2, &code) != 0 || code != 0)
		return 1;
	hoy_chan_close(c);
	code = hoy_chan_recv(c, &sent);
	hoy_chan_free(c);
	return got != 7 || code >= 0;
}
