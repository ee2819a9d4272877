#include <hoy/mem.h>

int main(void)
{
	hoy_free(0);
	return 0;
}
