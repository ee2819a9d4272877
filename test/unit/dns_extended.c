/* Extended errors (RFC 8914): which option counts, and what of a stranger's words is shown. */
#include <hoy.h>

#include "dns/msg/extended.h"
#include "t.h"

static struct hoy__extended read_options(const void *options, size_t len)
{
	struct hoy__extended e = { 0 };

	hoy__extended_read((struct hoy__bytes){ options, len }, &e);
	return e;
}

TEST(which_option_counts)
{
	static const struct { const char *octets; size_t len; bool present; unsigned code; const char *words; } cases[] = {
		{ "", 0, false, 0, "" },
		{ "\0\17\0\2\0\0", 6, true, 0, "" },
		{ "\0\17\0\2\0\30", 6, true, 24, "" },
		{ "\0\17\0\5\0\6abc", 9, true, 6, "abc" },
		{ "\0\17\0\5\377\377abc", 9, true, 65535, "abc" },
		{ "\0\17\0\0", 4, false, 0, "" },			/* no code: none */
		{ "\0\17\0\1\6", 5, false, 0, "" },
		{ "\0\17\0\1\6\0\17\0\2\0\7", 11, true, 7, "" },	/* the next one is */
		{ "\0\12\0\2ab\0\17\0\3\0\6x", 13, true, 6, "x" },	/* behind another option */
		{ "\0\17\0\3\0\1x\0\17\0\3\0\2y", 14, true, 1, "x" },	/* the first of two */
		{ "\0\17\0\7\0\6abc\0\0", 11, true, 6, "abc" },		/* a NUL at the end, as C has it */
		{ "\0\17\0\2\0", 5, false, 0, "" },			/* past the end */
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct hoy__extended e = read_options(cases[i].octets, cases[i].len);

		CHECK_INT(e.present, cases[i].present);
		CHECK_INT(e.code, cases[i].code);
		CHECK_STR(e.words, cases[i].words, "words");
	}
}

static struct hoy__extended read_words(const char *words, size_t len)
{
	static uint8_t option[0x10000];

	option[1] = 15;
	option[2] = (uint8_t)((len + 2) >> 8);
	option[3] = (uint8_t)(len + 2);
	memcpy(option + 6, words, len);
	return read_options(option, len + 6);
}

TEST(no_words_move_a_terminal)
{
	static const struct { const char *words, *shown; } cases[] = {
		{ "no SEP matching the DS", "no SEP matching the DS" },
		{ "gel\303\266scht \342\202\254 \360\237\224\222", "gel\303\266scht \342\202\254 \360\237\224\222" },
		{ "a\033[2Jb", "a\\027[2Jb" }, { "a\r\nb\tc", "a\\013\\010b\\009c" }, { "\177", "\\127" },
		{ "back\\slash", "back\\092slash" },
		{ "\302\233" "31m", "\\194\\15531m" },			/* CSI, in the controls above ASCII */
		{ "\342\200\256txt", "\\226\\128\\174txt" },		/* turns what follows around */
		{ "\342\201\247", "\\226\\129\\167" }, { "\342\200\250", "\\226\\128\\168" }, { "\330\234", "\\216\\156" },
		{ "\300\200", "\\192\\128" }, { "\340\202\200", "\\224\\130\\128" },	/* longer than needed */
		{ "\355\240\200", "\\237\\160\\128" },			/* half a pair */
		{ "\364\220\200\200", "\\244\\144\\128\\128" }, { "\370\210\200\200\200", "\\248\\136\\128\\128\\128" },
		{ "\303", "\\195" }, { "\342\202", "\\226\\130" }, { "\200", "\\128" }, { "\377\376", "\\255\\254" },
	};
	struct hoy__extended e = read_words("a\0b", 3);

	CHECK_STR(e.words, "a\\000b", "a NUL inside");
	for (size_t i = 0; i < LEN(cases); i++)
		CHECK_STR(read_words(cases[i].words, strlen(cases[i].words)).words, cases[i].shown, "words");
}

/* However many there are, and of whatever width: whole characters, and then dots. */
TEST(words_end_between_characters)
{
	static const char *const fillers[] = { "x", "\303\266", "\342\202\254", "\360\237\224\222", "\377" };
	static char words[0x10000];

	for (size_t f = 0; f < LEN(fillers); f++)
		for (size_t lead = 0; lead < 8; lead++) {
			size_t width = strlen(fillers[f]), shown = f == 4 ? 4 : width, len = lead;
			struct hoy__extended e;

			memset(words, '-', lead);
			for (; len + width < 60000; len += width)
				memcpy(words + len, fillers[f], width);
			e = read_words(words, len);
			len = strlen(e.words);
			CHECK(len < HOY__WORDS_SIZE && len + shown + 3 > HOY__WORDS_SIZE - 4);
			CHECK_STR(e.words + len - 3, "...", "more");
			CHECK_INT((len - 3 - lead) % shown, 0);
		}
	CHECK_INT(strlen(read_words(words, 0).words), 0);
	memset(words, 'x', 200);
	CHECK_INT(strlen(read_words(words, HOY__WORDS_SIZE - 1).words), HOY__WORDS_SIZE - 1);
	CHECK_STR(read_words(words, HOY__WORDS_SIZE).words + HOY__WORDS_SIZE - 4, "...", "one too many");
}
