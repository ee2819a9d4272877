/* Reading and writing never leave the bounds; the first mistake is remembered. */
#include "base/cursor.h"

#include "../t.h"

static const uint8_t bytes[] = { 0xff, 0x01, 0x02, 0xfe, 0xdc, 0xba, 0x98, 'h', 'o', 'y' };

TEST(reads_network_order)
{
	struct hoy__reader r = hoy__reader(bytes, sizeof bytes);
	const uint8_t *name;

	CHECK_INT(hoy__read_u8(&r), 0xff);
	CHECK_INT(hoy__read_u16(&r), 0x0102);
	CHECK_INT(hoy__read_u32(&r), 0xfedcba98);
	CHECK_INT(hoy__reader_left(&r), 3);
	hoy__read_skip(&r, 1);
	name = hoy__read_bytes(&r, 2);
	CHECK(name == bytes + 8);
	CHECK(!r.bad);
	CHECK(hoy__read_bytes(&r, 0) == bytes + sizeof bytes);	/* the end is a place too */
	CHECK(!r.bad);
}

/* Each kind of read past the end: zero, bad, and zero for ever. */
TEST(first_mistake_sticks)
{
	for (size_t len = 0; len < 4; len++) {
		struct hoy__reader r = hoy__reader(bytes, len);

		CHECK_INT(hoy__read_u32(&r), 0);
		CHECK(r.bad);
		CHECK_INT(hoy__read_u8(&r), 0);
		CHECK_INT(hoy__read_u16(&r), 0);
		CHECK(hoy__read_bytes(&r, 0) == NULL);
		CHECK_INT(hoy__reader_left(&r), 0);
	}
}

TEST(huge_lengths_do_not_wrap)
{
	struct hoy__reader r = hoy__reader(bytes, sizeof bytes);

	hoy__read_u8(&r);
	CHECK(hoy__read_bytes(&r, SIZE_MAX) == NULL);
	CHECK(r.bad);
	r = hoy__reader(NULL, 0);
	hoy__read_skip(&r, 1);
	CHECK(r.bad);
}

TEST(writes_what_was_read)
{
	uint8_t room[sizeof bytes];
	struct hoy__writer w = hoy__writer(room, sizeof room);

	hoy__write_u8(&w, 0xff);
	hoy__write_u16(&w, 0x0102);
	hoy__write_u32(&w, 0xfedcba98);
	hoy__write_bytes(&w, "hoy", 3);
	CHECK(!w.bad);
	CHECK_INT(hoy__writer_len(&w), sizeof bytes);
	CHECK(memcmp(room, bytes, sizeof bytes) == 0);
	hoy__write_bytes(&w, NULL, 0);
	CHECK(!w.bad);
	hoy__write_u8(&w, 1);
	CHECK(w.bad);
	CHECK_INT(hoy__writer_len(&w), sizeof bytes);
}

TEST(writes_stay_inside)
{
	uint8_t room[5] = { 0, 0, 0, 0, 0xee };

	for (size_t len = 0; len < 4; len++) {
		struct hoy__writer w = hoy__writer(room, len);

		hoy__write_u32(&w, 0x11223344);
		CHECK(w.bad);
		hoy__write_u8(&w, 0x11);	/* would fit, but comes after the mistake */
		CHECK(w.bad);
		CHECK(hoy__write_room(&w, 0) == NULL);
	}
	for (size_t i = 0; i < 4; i++)
		CHECK_INT(room[i], 0);
	struct hoy__writer w = hoy__writer(room, 4);
	CHECK(hoy__write_room(&w, SIZE_MAX) == NULL);
	CHECK_INT(room[4], 0xee);
}
