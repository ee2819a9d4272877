#include <hoy/timer.h>

static int send(void *chan)
{
	return hoy_chan_send((hoy_chan *)chan, NULL);
}

static int first(void *unused)
{
	hoy_chan *c = hoy_chan_new(0, 1);
	hoy_timer t = { 0 };
	hoy_ticker ticker = { 0 };
	int code = hoy_after(HOY_HOUR, send, c, &t);

	(void)unused;
	if (code == 0 && hoy_timer_reset(&t, HOY_MILLISECOND) == 1)
		code = hoy_chan_recv(c, NULL);
	if (hoy_timer_stop(&t))
		code = 1;
	hoy_ticker_reset(&ticker, HOY_MILLISECOND);
	if (code == 0)
		code = hoy_ticker_wait(&ticker);
	hoy_ticker_stop(&ticker);
	hoy_chan_free(c);
	return code;
}

int main(void)
{
	return hoy_run(first, NULL);
}
