/*
 * libFuzzer targets for messages and their control messages. TARGET names the one that is compiled in.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <hoy.h>
#include <netinet/udp.h>

#include "os/os.h"
#include "sock/control.h"
#include "sock/message.h"

#define CONCAT_(a, b) a##b
#define CONCAT(a, b) CONCAT_(a, b)

/* Ends the run unless it holds; unlike assert, in every build. */
static void must(int holds)
{
	if (!holds)
		abort();
}

/* Bytes that are no control messages of the kernel's. Each lies inside, and what is appended again is read again. */
__attribute__((unused)) static void fuzz_control(const uint8_t *data, size_t size)
{
	struct msghdr msg = { .msg_control = (void *)data, .msg_controllen = size }, copy = { .msg_control = malloc(size + 1) };
	struct hoy__control c, again;
	size_t at = 0, at_copy = 0;
	hoy_msg m = { .len = 0 };

	while (hoy__control_next(&msg, &at, &c)) {
		must((const uint8_t *)c.data >= data && (const uint8_t *)c.data + c.len <= data + size);
		if (!hoy__control_add(&copy, size, c.level, c.type, c.data, c.len))
			break;
		must(hoy__control_next(&copy, &at_copy, &again) && again.level == c.level && again.type == c.type);
		must(again.len == c.len && hoy__control_number(&again) == hoy__control_number(&c));
		must(c.len == 0 || memcmp(again.data, c.data, c.len) == 0);
	}
	hoy__message_read_control(&msg, &m);
	must(m.dst.len == 0 || m.dst.len == 4 || m.dst.len == 16);
	must(m.local.len == 0 || m.local.len == m.dst.len);
	free(copy.msg_control);
}

/*
 * What a batch of messages is on the wire. Each message begins with a byte that marks all its bytes; the system takes
 * as many packets as the input says, or refuses them. Whatever it does, the datagrams are those of the messages.
 */
enum { MESSAGES = 200 };

static struct {
	const uint8_t *moods;	/* of the system, one for each call */
	size_t left;
	const hoy_msg *msgs;
	int at;			/* the next datagram expected */
	size_t offset;
} wire;

static void expect(const char *data, size_t len)
{
	const hoy_msg *m = &wire.msgs[wire.at];
	size_t rest = m->len - wire.offset, want = m->segment && m->segment < rest ? m->segment : rest;

	must(len == want);
	must(data == (char *)m->data + wire.offset || len == 0);
	wire.offset += len;
	if (wire.offset >= m->len) {
		wire.offset = 0;
		wire.at++;
	}
}

static size_t segment_of(const struct msghdr *msg)
{
	struct hoy__control c;
	size_t at = 0, segment = 0;

	while (hoy__control_next(msg, &at, &c))
		if (c.level == IPPROTO_UDP)
			segment = *(const uint16_t *)c.data;
	return segment;
}

/* A packet is cut as the kernel would; a datagram never crosses from one message to another. */
static void take(const struct msghdr *msg)
{
	size_t segment = segment_of(msg), total = 0, parts = 0;

	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		const char *data = msg->msg_iov[i].iov_base;
		size_t len = msg->msg_iov[i].iov_len, n;

		must(segment || msg->msg_iovlen == 1);
		must(i + 1 == msg->msg_iovlen || len % segment == 0);
		do {
			n = segment && segment < len ? segment : len;
			expect(data, n);
			data += n;
			len -= n;
			total += n;
			parts++;
		} while (len > 0);
	}
	must(!segment || (parts > 1 && parts <= 64 && total <= 65507));
}

static int mood(void)
{
	if (wire.left == 0)
		return 255;
	wire.left--;
	return *wire.moods++;
}

static int answer(const struct mmsghdr *msgs, int n)
{
	static const int codes[] = { -EIO, -EINVAL, -EMSGSIZE };
	int how = mood(), count = how % n + 1;

	if (how < 30 && segment_of(&msgs[0].msg_hdr))
		return codes[how % 3];
	if (how < 40)
		return -EAGAIN;
	if (how == 255)
		count = n;
	for (int i = 0; i < count; i++)
		take(&msgs[i].msg_hdr);
	return count;
}

static int fuzz_sendmmsg(int fd, struct mmsghdr *msgs, int n, int flags)
{
	(void)fd, (void)flags;
	return answer(msgs, n);
}

static ssize_t fuzz_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	const struct mmsghdr one = { .msg_hdr = *msg };

	(void)fd, (void)flags;
	return answer(&one, 1);
}

__attribute__((unused)) static void fuzz_datagrams(const uint8_t *data, size_t size)
{
	static const struct hoy__os os = { .sendmsg = fuzz_sendmsg, .sendmmsg = fuzz_sendmmsg };
	static const struct hoy__endpoint nobody = { .kind = HOY_ADDR_NONE };
	static char room[MESSAGES * 70000u];
	hoy_msg msgs[MESSAGES];
	int n = 0;

	for (; n < MESSAGES && size >= 4; n++, data += 4, size -= 4) {
		size_t scale = data[0] & 1 ? 1 : data[0] & 2 ? 40 : 270;

		msgs[n] = (hoy_msg){
			.data = data[0] & 4 && n ? (char *)msgs[n - 1].data + msgs[n - 1].len : room + (size_t)n * 70000,
			.len = data[1] * scale, .segment = (uint32_t)(data[2] * scale / 4), .ttl = data[3] & 1,
			.addr = { .kind = HOY_ADDR_UDP, .ip = hoy_ipv4(127, 0, 0, 1), .port = data[3] >> 6 },
		};
		if ((char *)msgs[n].data + msgs[n].len > room + sizeof room)
			msgs[n].data = room;
	}
	struct hoy__sending s = { .msgs = msgs, .n = n, .peer = &nobody, .kind = HOY_ADDR_UDP, .family = 4, .no_gso = size & 1 };

	hoy__os = &os;
	wire.moods = data;
	wire.left = size;
	wire.msgs = msgs;
	wire.at = 0;
	wire.offset = 0;
	while (s.at < n) {
		int code = hoy__message_send(3, &s, 0);

		must(code == 0 || code == -EAGAIN);
		must(s.at == wire.at && s.offset == wire.offset);
	}
	must(wire.at == n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + 1);	/* almost its size, so that a sanitizer sees what lies beyond */

	if (size)
		memcpy(copy, data, size);
	CONCAT(fuzz_, TARGET)(copy, size);
	free(copy);
	return 0;
}
