/*
 * Interfaces beside the C library's getifaddrs; in a namespace of the test's own, beside what iproute2
 * made there; messages and files that are cut or wrong; and every call that can fail.
 */
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <sched.h>

#include <hoy.h>

#include "base/base.h"
#include "sock/iface.h"
#include "sock/netlink.h"
#include "t.h"
#include "unit/support/fault_os.h"

static const hoy_interface *named(const hoy_interface *list, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(list[i].name, name))
			return &list[i];
	return NULL;
}

static hoy_ip ip_of(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return hoy_ip_from_bytes(&((const struct sockaddr_in *)sa)->sin_addr, 4);
	return hoy_ip_from_bytes(&((const struct sockaddr_in6 *)sa)->sin6_addr, 16);
}

static bool has_addr(const hoy_interface_addr *list, int n, const struct ifaddrs *want)
{
	for (int i = 0; i < n; i++) {
		hoy_ip mask = ip_of(want->ifa_netmask);

		if (list[i].index == (int)if_nametoindex(want->ifa_name) && hoy_ip_compare(list[i].net.ip, ip_of(want->ifa_addr)) == 0 &&
		    list[i].net.mask.len == mask.len && !memcmp(list[i].net.mask.bytes, mask.bytes, mask.len))
			return true;
	}
	return false;
}

/* Everything getifaddrs has is there, and not more. */
static void compare_with_libc(void)
{
	struct ifaddrs *all = NULL;
	hoy_interface *list = NULL;
	hoy_interface_addr *addrs = NULL;
	int n = hoy_interfaces(&list, NULL), n_addrs = hoy_interface_addrs(0, &addrs, NULL), links = 0, ips = 0;

	CHECK_INT(getifaddrs(&all), 0);
	for (struct ifaddrs *a = all; a; a = a->ifa_next) {
		const hoy_interface *found = named(list, n, a->ifa_name);

		if (!CHECK(found != NULL))
			continue;
		if (a->ifa_addr->sa_family != AF_PACKET) {
			ips++;
			CHECK(has_addr(addrs, n_addrs, a));
			continue;
		}
		const struct sockaddr_ll *ll = (const void *)a->ifa_addr;

		links++;
		CHECK_INT(found->index, ll->sll_ifindex);
		CHECK_INT(!!(found->flags & HOY_INTERFACE_UP), !!(a->ifa_flags & IFF_UP));
		CHECK_INT(!!(found->flags & HOY_INTERFACE_RUNNING), !!(a->ifa_flags & IFF_RUNNING));
		CHECK_INT(!!(found->flags & HOY_INTERFACE_LOOPBACK), !!(a->ifa_flags & IFF_LOOPBACK));
		CHECK_INT(!!(found->flags & HOY_INTERFACE_MULTICAST), !!(a->ifa_flags & IFF_MULTICAST));
		CHECK(found->mac.len == 0 || !memcmp(found->mac.bytes, ll->sll_addr, found->mac.len));
	}
	CHECK_INT(n, links);
	CHECK_INT(n_addrs, ips);
	freeifaddrs(all);
	hoy_free(list);
	hoy_free(addrs);
}

TEST(as_getifaddrs)
{
	compare_with_libc();
}

TEST(loopback_by_name_and_index)
{
	hoy_interface by_name = { 0 }, by_index = { 0 };
	hoy_interface_addr *addrs = NULL;
	int n, found = 0;

	CHECK_INT(hoy_interface_by_name("lo", &by_name, NULL), 0);
	CHECK(by_name.index > 0 && by_name.mtu >= 1280 && by_name.mac.len == 0);
	CHECK(by_name.flags & HOY_INTERFACE_LOOPBACK && by_name.flags & HOY_INTERFACE_UP);
	CHECK_INT(hoy_interface_by_index(by_name.index, &by_index, NULL), 0);
	CHECK_STR(by_index.name, "lo", "name");
	n = hoy_interface_addrs(by_name.index, &addrs, NULL);
	for (int i = 0; i < n; i++) {
		CHECK_INT(addrs[i].index, by_name.index);
		found += hoy_ip_equal(addrs[i].net.ip, hoy_ipv4(127, 0, 0, 1)) && hoy_ipmask_size(addrs[i].net.mask, NULL) == 8;
	}
	CHECK_INT(found, 1);
	hoy_free(addrs);
}

TEST(flags_in_words)
{
	char text[HOY_INTERFACE_FLAGS_STRLEN];

	CHECK_STR(hoy_interface_flags_string(0, text), "0", "none");
	CHECK_STR(hoy_interface_flags_string(HOY_INTERFACE_UP | HOY_INTERFACE_RUNNING, text), "up|running", "two");
	CHECK_STR(hoy_interface_flags_string(~0u, text), "up|broadcast|loopback|pointtopoint|multicast|running", "all");
}

static void check_error(int code, const hoy_err *err, int want, const char *sentence)
{
	char text[HOY_ERR_STRLEN];

	CHECK_INT(code, want);
	CHECK_STR(hoy_err_string(err, text), sentence, "error");
}

TEST(what_is_not_there)
{
	hoy_interface i = { .index = 77 };
	hoy_interface_addr *addrs = NULL;
	hoy_interface_group *groups = NULL;
	hoy_err err;

	check_error(hoy_interface_by_name("", &i, &err), &err, HOY_EINTERFACENAME, "route ip+net: invalid network interface name");
	check_error(hoy_interface_by_name("none0", &i, &err), &err, HOY_ENOINTERFACE, "route ip+net: no such network interface");
	check_error(hoy_interface_by_name("a-name-of-16-byte", &i, &err), &err, HOY_ENOINTERFACE, "route ip+net: no such network interface");
	check_error(hoy_interface_by_index(0, &i, &err), &err, HOY_EINTERFACEINDEX, "route ip+net: invalid network interface index");
	check_error(hoy_interface_by_index(INT32_MAX, &i, &err), &err, HOY_ENOINTERFACE, "route ip+net: no such network interface");
	check_error(hoy_interface_addrs(-1, &addrs, &err), &err, HOY_EINTERFACEINDEX, "route ip+net: invalid network interface index");
	check_error(hoy_interface_multicast_addrs(-1, &groups, &err), &err, HOY_EINTERFACEINDEX,
		    "route ip+net: invalid network interface index");
	CHECK_INT(i.index, 77);
	CHECK_INT(hoy_interface_addrs(INT32_MAX, &addrs, NULL), 0);
	CHECK(addrs == NULL);
}

/* A network of the test's own; everything in it goes with the process. */
static void own_network(void)
{
	if (unshare(CLONE_NEWNET) < 0)
		SKIP("a network namespace of one's own not permitted");
	if (system("ip link set lo up 2>/dev/null") != 0)
		SKIP("no ip command, or not permitted");
}

static int groups_with(int index, hoy_ip want)
{
	hoy_interface_group *list = NULL;
	int n = hoy_interface_multicast_addrs(index, &list, NULL), found = 0;

	CHECK(n >= 0);
	for (int i = 0; i < n; i++)
		found += (index == 0 || list[i].index == index) && hoy_ip_compare(list[i].ip, want) == 0;
	hoy_free(list);
	return found;
}

TEST(a_pair_of_interfaces_and_groups)
{
	hoy_interface up = { 0 }, down = { 0 };
	hoy_interface_addr *addrs = NULL;
	char text[HOY_MAC_STRLEN];
	hoy_ip six = { 0 };

	own_network();
	if (system("ip link add hoy0 address 02:00:5e:10:00:01 mtu 1400 type veth peer name hoy1 && ip link set hoy0 up &&"
		   "ip addr add 192.0.2.1 peer 192.0.2.99/32 dev hoy0 && ip addr add 2001:db8::1/64 dev hoy0 nodad") != 0)
		SKIP("no veth interfaces in this kernel");
	compare_with_libc();
	CHECK_INT(hoy_interface_by_name("hoy0", &up, NULL), 0);
	CHECK_STR(hoy_mac_string(up.mac, text), "02:00:5e:10:00:01", "hardware address");
	CHECK_INT(up.mtu, 1400);
	CHECK(up.flags & HOY_INTERFACE_UP && up.flags & HOY_INTERFACE_BROADCAST && !(up.flags & HOY_INTERFACE_LOOPBACK));
	CHECK_INT(hoy_interface_by_name("hoy1", &down, NULL), 0);
	CHECK(!(down.flags & HOY_INTERFACE_UP));

	CHECK(hoy_interface_addrs(up.index, &addrs, NULL) >= 2);
	CHECK(addrs && hoy_ip_equal(addrs[0].net.ip, hoy_ipv4(192, 0, 2, 1)));	/* its own, not the peer's */
	hoy_free(addrs);
	CHECK_INT(hoy_interface_addrs(down.index, &addrs, NULL), 0);
	CHECK_INT(groups_with(up.index, hoy_ipv4(224, 0, 0, 1)), 1);
	CHECK_INT(hoy_parse_ip("ff02::1", &six, NULL), 0);
	CHECK_INT(groups_with(up.index, six), 1);
	CHECK(groups_with(0, six) >= 2);
	CHECK_INT(groups_with(down.index, hoy_ipv4(224, 0, 0, 1)), 0);
}

/* More than one datagram of netlink holds, while interfaces come and go. */
TEST(many_that_come_and_go)
{
	enum { MANY = 200 };		/* interfaces, in pairs */
	hoy_interface *list;
	pid_t child;
	int n, status;

	own_network();
	if (system("for i in $(seq 100); do echo link add many$i type veth peer name peer$i; done | ip -batch -") != 0)
		SKIP("no veth interfaces in this kernel");
	child = fork();
	if (child == 0)
		_exit(system("for i in $(seq 40); do ip link del many$i; ip link add many$i type veth peer name peer$i; done") != 0);
	do {
		n = hoy_interfaces(&list, NULL);
		if (!CHECK(n >= MANY - 2 || n == -EAGAIN))
			break;
		if (n >= 0)
			hoy_free(list);
	} while (waitpid(child, &status, WNOHANG) == 0);
	compare_with_libc();
}

/* A link's message, and where its attributes begin. */
static struct {
	struct nlmsghdr head;
	struct ifinfomsg link;
	char attrs[64];
} message;

static size_t add_attr(size_t at, unsigned short type, const void *data, size_t len)
{
	struct rtattr a = { (unsigned short)RTA_LENGTH(len), type };

	memcpy(message.attrs + at, &a, sizeof a);
	memcpy(message.attrs + at + sizeof a, data, len);
	return at + RTA_SPACE(len);
}

static int count_link(const struct nlmsghdr *m, void *count)
{
	hoy_interface iface;

	if (hoy__iface_of_link(m, &iface))
		++*(int *)count;
	return 0;
}

TEST(messages_that_are_cut)
{
	hoy_interface iface;
	int mtu = 1500, count = 0;
	size_t len = add_attr(0, IFLA_IFNAME, "sixteen-bytes-16", 16);	/* without its NUL */

	len = add_attr(len, IFLA_MTU, &mtu, sizeof mtu);
	message.head = (struct nlmsghdr){ .nlmsg_type = RTM_NEWLINK, .nlmsg_flags = NLM_F_MULTI };
	message.link.ifi_index = 3;
	for (size_t cut = 0; cut <= NLMSG_LENGTH(sizeof message.link) + len; cut++) {
		message.head.nlmsg_len = (uint32_t)cut;
		if (cut < NLMSG_LENGTH(sizeof message.link))
			CHECK(!hoy__iface_of_link(&message.head, &iface));
		else
			CHECK(hoy__iface_of_link(&message.head, &iface) && iface.index == 3);
	}
	CHECK_INT(iface.mtu, 1500);
	CHECK_STR(iface.name, "sixteen-bytes-1", "name");
	CHECK_INT(hoy__netlink_read(&message, message.head.nlmsg_len, count_link, &count), 1);
	CHECK_INT(hoy__netlink_read(&message, message.head.nlmsg_len - 1, count_link, &count), 0);	/* not whole */
	CHECK_INT(count, 1);
	message.head.nlmsg_flags = NLM_F_MULTI | NLM_F_DUMP_INTR;
	CHECK_INT(hoy__netlink_read(&message, message.head.nlmsg_len, count_link, &count), -EAGAIN);
	message.head.nlmsg_flags = 0;
	message.head.nlmsg_type = RTM_NEWADDR;
	CHECK(!hoy__iface_of_link(&message.head, &iface));
	message.head.nlmsg_type = NLMSG_ERROR;
	*(int *)NLMSG_DATA(&message.head) = -EPERM;
	CHECK_INT(hoy__netlink_read(&message, message.head.nlmsg_len, count_link, &count), -EPERM);
}

TEST(files_of_groups)
{
	static const char four[] = "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n"
				   "1\tlo        :     1      V3\n\t\t\t\t010000E0     1 0:00000000\t\t0\n"
				   "99999999999\tbad\n\t\t\t\t010000E0     1\n2 eth0 : 2 V3\n\t\t\t\tFB0000E0 1\n\t\t\t\tnonsense 1\n\t\t\t\t010000E0";
	static const char six[] = "1    lo              ff020000000000000000000000000001     1 0000000C 0\n"
				  "2    eth0            ff0200000000000000000000000000zz 1\n2 eth0 ff02\n2\n\nx lo ff020000000000000000000000000001\n"
				  "2    eth0            FF020000000000000000000000000002";
	struct hoy__rows rows = { .item = sizeof(hoy_interface_group) };
	const hoy_interface_group *at;
	char text[HOY_IP_STRLEN];
	uint16_t one = 1;

	if (*(uint8_t *)&one == 0)
		SKIP("the file is that of a little-endian machine");
	CHECK_INT(hoy__iface_groups4(four, sizeof four - 1, 0, &rows), 0);
	CHECK_INT(hoy__iface_groups6(six, sizeof six - 1, 2, &rows), 0);
	at = rows.at;
	if (CHECK_INT(rows.count, 4)) {
		CHECK(at[0].index == 1 && at[1].index == 2 && at[2].index == 2 && at[3].index == 2);
		CHECK_STR(hoy_ip_string(at[0].ip, text), "224.0.0.1", "igmp");
		CHECK_STR(hoy_ip_string(at[1].ip, text), "224.0.0.251", "igmp");
		CHECK_STR(hoy_ip_string(at[3].ip, text), "ff02::2", "igmp6");
	}
	CHECK_INT(hoy__iface_groups4(NULL, 0, 0, &rows), 0);
	hoy__block_free(rows.at);
}

static int ask_all(void)
{
	hoy_interface *list = NULL, lo;
	hoy_interface_addr *addrs = NULL;
	hoy_interface_group *groups = NULL;
	int code = hoy_interfaces(&list, NULL), next;

	if ((next = hoy_interface_by_name("lo", &lo, NULL)) < 0)
		code = next;
	if ((next = hoy_interface_addrs(0, &addrs, NULL)) < 0)
		code = next;
	if ((next = hoy_interface_multicast_addrs(0, &groups, NULL)) < 0)
		code = next;
	hoy_free(list);
	hoy_free(addrs);
	hoy_free(groups);
	return code;
}

/* Whatever fails is reported, and nothing stays open or allocated. close alone has no one to report to. */
TEST(each_call_that_can_fail)
{
	int open, n = 1;

	fault_install();
	open = fault_open_descriptors();
	for (;; n++) {
		fault_reset();
		fault_at(n, 0);
		int code = ask_all();

		if (!fault_fired())
			break;
		CHECK(code < 0 || fault_fired_entry() == FAULT_close);
		CHECK_INT(fault_open_descriptors(), open);
	}
	CHECK(n > 10);
	for (n = 1;; n++) {
		fault_reset();
		fault_alloc_at(n);
		int code = ask_all();

		if (!fault_fired())
			break;
		CHECK_INT(code, -ENOMEM);
		CHECK_INT(fault_open_descriptors(), open);
	}
	CHECK(n > 4);
}
