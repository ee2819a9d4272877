/* What hoy/iface.h promises, with nothing else included. */
#include <hoy/iface.h>

int main(void)
{
	char flags[HOY_INTERFACE_FLAGS_STRLEN];
	hoy_interface *list = 0, lo;
	hoy_interface_addr *addrs = 0;
	hoy_interface_group *groups = 0;
	hoy_err err;
	int n = hoy_interfaces(&list, &err);

	if (n < 1 || !*hoy_interface_flags_string(list[0].flags, flags))
		return 1;
	if (hoy_interface_by_index(list[0].index, &lo, &err) < 0 || hoy_interface_by_name(lo.name, &lo, &err) < 0)
		return 1;
	if (hoy_interface_addrs(0, &addrs, &err) < 0 || hoy_interface_multicast_addrs(0, &groups, &err) < 0)
		return 1;
	hoy_free(list);
	hoy_free(addrs);
	hoy_free(groups);
	return 0;
}
