/* Control messages: written and read again, cut at every length, and refused where they lie. */
#include <netinet/in.h>
#include <stdint.h>

#include "sock/control.h"
#include "t.h"

static struct msghdr over(void *control, size_t len)
{
	return (struct msghdr){ .msg_control = control, .msg_controllen = len };
}

TEST(written_and_read_again)
{
	_Alignas(struct cmsghdr) char room[CMSG_SPACE(3) + CMSG_SPACE(0) + CMSG_SPACE(4)];
	struct msghdr msg = over(room, 0);
	struct hoy__control c;
	size_t at = 0;
	int four = 0x01020304;

	CHECK(hoy__control_add(&msg, sizeof room, 1, 2, "abc", 3));
	CHECK(hoy__control_add(&msg, sizeof room, 3, 4, NULL, 0));
	CHECK(hoy__control_add(&msg, sizeof room, 5, 6, &four, sizeof four));
	CHECK(!hoy__control_add(&msg, sizeof room, 7, 8, NULL, 0));
	CHECK_INT(msg.msg_controllen, sizeof room);

	CHECK(hoy__control_next(&msg, &at, &c));
	CHECK(c.level == 1 && c.type == 2 && c.len == 3 && memcmp(c.data, "abc", 3) == 0);
	CHECK(hoy__control_next(&msg, &at, &c));
	CHECK(c.level == 3 && c.type == 4 && c.len == 0);
	CHECK(hoy__control_next(&msg, &at, &c));
	CHECK(c.level == 5 && c.type == 6 && hoy__control_number(&c) == four);
	CHECK(!hoy__control_next(&msg, &at, &c));
}

/* The C library agrees about where things are. */
TEST(as_the_macros_have_it)
{
	_Alignas(struct cmsghdr) char room[CMSG_SPACE(1) + CMSG_SPACE(sizeof(int))];
	struct msghdr msg = over(room, 0);
	const struct cmsghdr *c;
	int ttl = 64, got;

	CHECK(hoy__control_add(&msg, sizeof room, IPPROTO_IP, IP_TOS, "\x02", 1));
	CHECK(hoy__control_add(&msg, sizeof room, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl));
	c = CMSG_FIRSTHDR(&msg);
	CHECK(c->cmsg_type == IP_TOS && c->cmsg_len == CMSG_LEN(1) && *CMSG_DATA(c) == 2);
	c = CMSG_NXTHDR(&msg, (struct cmsghdr *)c);
	if (!CHECK(c != NULL))
		return;
	memcpy(&got, CMSG_DATA(c), sizeof got);
	CHECK(c->cmsg_type == IP_TTL && got == 64);
	CHECK(CMSG_NXTHDR(&msg, (struct cmsghdr *)c) == NULL);
}

/* However many bytes are there, no message reaches beyond them; the memory has exactly that size for the sanitizer. */
TEST(cut_at_every_length)
{
	_Alignas(struct cmsghdr) char room[CMSG_SPACE(4) + CMSG_SPACE(4)];
	struct msghdr whole = over(room, 0);

	hoy__control_add(&whole, sizeof room, 1, 1, "aaaa", 4);
	hoy__control_add(&whole, sizeof room, 1, 2, "bbbb", 4);
	for (size_t len = 0; len <= sizeof room; len++) {
		char *copy = malloc(len ? len : 1);
		struct msghdr msg = over(copy, len);
		size_t at = 0, n = 0;
		struct hoy__control c;

		memcpy(copy, room, len);
		while (hoy__control_next(&msg, &at, &c) && ++n < 9)
			CHECK((const char *)c.data + c.len <= copy + len);
		CHECK_INT(n, (len >= CMSG_LEN(4)) + (len >= CMSG_SPACE(4) + CMSG_LEN(4)));
		free(copy);
	}
}

TEST(lengths_that_lie)
{
	static const size_t lies[] = { 0, 1, CMSG_LEN(0) - 1, CMSG_LEN(5), (size_t)1 << 31, SIZE_MAX, SIZE_MAX - 7 };
	_Alignas(struct cmsghdr) char room[CMSG_LEN(4)];

	for (size_t i = 0; i < LEN(lies); i++) {
		struct cmsghdr head = { .cmsg_len = 0 };
		struct msghdr msg = over(room, sizeof room);
		struct hoy__control c;
		size_t at = 0;

		head.cmsg_len = lies[i];
		memset(room, 0, sizeof room);
		memcpy(room, &head, sizeof head);
		CHECK(!hoy__control_next(&msg, &at, &c));
	}
}

TEST(numbers_of_any_size)
{
	static const struct { const char *data; size_t len; int want; } rows[] = {
		{ "", 0, 0 }, { "\x07", 1, 7 }, { "\xff", 1, 255 }, { "\x07\0", 2, 7 }, { "\x07\0\0", 3, 7 },
	};

	for (size_t i = 0; i < LEN(rows); i++)
		CHECK_INT(hoy__control_number(&(struct hoy__control){ .data = rows[i].data, .len = rows[i].len }),
			  rows[i].want);
}
