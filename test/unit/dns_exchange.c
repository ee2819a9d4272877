/* The machine that asks name servers, replayed: catalogue lines S7, S8, T2, T3, T5 to T11 and finding 4. */
#include "support/fault_os.h"
#include "support/replay.h"
#include "t.h"

static struct replay r;

static void check_unbroken(void)
{
	CHECK_STR(r.broken, NULL, "rule");
}

static const struct hoy__exchange_question *ask(unsigned i)
{
	return &r.x.question[i];
}

TEST(both_families_share_one_socket_and_settle_in_any_order)
{
	for (unsigned first = 0; first < 2; first++) {
		replay_start(&r, (struct hoy__exchange_setup){ .servers = 1 });
		CHECK_INT(r.opened, 1);
		CHECK_INT(r.sends, 2);
		CHECK(ask(0)->id != ask(1)->id);
		replay_answer(&r, first);
		CHECK(!r.x.done);
		replay_answer(&r, !first);
		CHECK(r.x.done);
		CHECK_INT(ask(0)->code, 0);
		CHECK_INT(ask(1)->code, 0);
		CHECK_INT(ask(0)->reply.records, 1);
		replay_finish(&r);
		check_unbroken();
	}
}

TEST(single_request_asks_one_after_the_other)
{
	replay_start(&r, (struct hoy__exchange_setup){ .servers = 1, .single_request = true });
	CHECK_INT(r.sends, 1);
	replay_answer(&r, 0);
	CHECK_INT(r.sends, 2);
	CHECK_INT(r.opened, 2);
	replay_answer(&r, 1);
	CHECK(r.x.done);
	replay_finish(&r);
	check_unbroken();
}

TEST(finding4_garbage_and_forgeries_are_as_if_they_had_not_come)
{
	static const unsigned events[] = { 3, 4, 5, 19 };

	replay_start(&r, (struct hoy__exchange_setup){ .servers = 2 });
	for (int round = 0; round < 100; round++)
		for (size_t i = 0; i < LEN(events); i++)
			replay_event(&r, events[i]);
	CHECK_INT(r.sends, 2);
	CHECK_INT(r.health[0].rejected, 400);
	CHECK_INT(r.x.until, r.started + 5 * HOY_SECOND);	/* T3: the timers are as they were */
	replay_answer(&r, 0);
	replay_answer(&r, 1);
	CHECK(r.x.done);
	CHECK_INT(ask(0)->code, 0);
	replay_finish(&r);
	check_unbroken();
}

TEST(S8_each_part_of_a_reply_must_match)
{
	static const unsigned flags[] = { 0x0800, 0x7800 };	/* other opcodes */

	replay_start(&r, (struct hoy__exchange_setup){ .servers = 1 });
	for (size_t i = 0; i < LEN(flags); i++)
		replay_rcode(&r, 0, flags[i]);
	replay_prepare(&r, 0, 0, 0);
	r.last.data[2] &= 0x7f;			/* a query, not a reply */
	replay_deliver(&r);
	replay_prepare(&r, 0, HOY__TC, 1);	/* TC with a wrong id */
	replay_deliver(&r);
	replay_prepare(&r, 0, 0, 0);
	r.last.data[13] ^= 1;			/* another name */
	replay_deliver(&r);
	replay_prepare(&r, 0, 0, 0);
	r.last.data[r.last.len - 1] = 3;	/* another class */
	replay_deliver(&r);
	CHECK_INT(r.health[0].rejected, 6);
	CHECK_INT(r.sends, 2);
	replay_prepare(&r, 0, HOY__NXDOMAIN, 0);
	r.last.data[13] ^= 0x20;		/* the same name in another case */
	replay_deliver(&r);
	CHECK_INT(ask(0)->code, HOY_ENOHOST);
	replay_finish(&r);
	check_unbroken();
}

TEST(rcodes_settle_or_move_on)
{
	static const struct { unsigned rcode; int code; unsigned sends; } cases[] = {
		{ HOY__NOERROR, HOY_ENODATA, 1 }, { HOY__NXDOMAIN, HOY_ENOHOST, 1 },
		{ HOY__SERVFAIL, HOY_ESERVFAIL, 4 }, { HOY__REFUSED, HOY_EREFUSED, 4 }, { 6, HOY_EREFUSED, 4 },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		replay_start(&r, (struct hoy__exchange_setup){ .servers = 2, .types = 1, .type = { HOY__MX } });
		while (!r.x.done)
			replay_rcode(&r, 0, cases[i].rcode);
		CHECK_INT(ask(0)->code, cases[i].code);
		CHECK_INT(r.sends, cases[i].sends);
		CHECK_INT(r.now, r.started);
		CHECK_INT(r.health[0].failures, 0);	/* a server that answers is not dead */
		replay_finish(&r);
		check_unbroken();
	}
}

/* An rcode is told only beside what it led to. */
TEST(silence_after_a_failure_has_no_rcode)
{
	replay_start(&r, (struct hoy__exchange_setup){ .servers = 2, .attempts = 1, .types = 1, .type = { HOY__A } });
	replay_rcode(&r, 0, HOY__SERVFAIL);
	CHECK_INT(r.x.question[0].reply.rcode, HOY__SERVFAIL);
	replay_timeout(&r);
	CHECK_INT(r.x.question[0].code, HOY_ETIMEOUT);
	CHECK_INT(r.x.question[0].reply.rcode, HOY__NOERROR);
	replay_finish(&r);
}

/* What is told is what the server said whose reply is the last word; silence has no reason. */
TEST(the_reason_is_the_last_replys)
{
	struct hoy__exchange_question *ask = &r.x.question[0];

	for (int silent = 0; silent < 2; silent++) {
		replay_start(&r, (struct hoy__exchange_setup){ .servers = 2, .attempts = 1, .types = 1, .type = { HOY__A } });
		replay_prepare(&r, 0, HOY__SERVFAIL, 0);
		packet_extended(&r.last, 6, "first");
		replay_deliver(&r);
		if (silent) {
			replay_timeout(&r);
			CHECK_INT(ask->code, HOY_ETIMEOUT);
			CHECK(!ask->reply.extended.present && !ask->reply.rcode);
		} else {
			replay_prepare(&r, 0, HOY__SERVFAIL, 0);
			packet_extended(&r.last, 22, "second");
			replay_deliver(&r);
			CHECK_INT(ask->code, HOY_ESERVFAIL);
			CHECK_INT(ask->reply.extended.code, 22);
			CHECK_STR(ask->reply.extended.words, "second", "words");
		}
		replay_finish(&r);
		CHECK_STR(r.broken, NULL, "a rule");
	}
}

TEST(a_lame_server_is_passed_over)
{
	replay_start(&r, (struct hoy__exchange_setup){ .servers = 2, .types = 1, .type = { HOY__A } });
	replay_prepare(&r, 0, 0, 0);
	r.last.data[3] &= 0x7f;			/* no RA */
	replay_deliver(&r);
	CHECK_INT(ask(0)->server, 1);
	CHECK_INT(ask(0)->code, HOY_ELAME);	/* what is told if nobody else answers */
	replay_answer(&r, 0);
	CHECK_INT(ask(0)->code, 0);
	replay_finish(&r);
	check_unbroken();
}

TEST(a_malformed_answer_to_our_question_moves_on)
{
	replay_start(&r, (struct hoy__exchange_setup){ .servers = 2, .types = 1, .type = { HOY__A } });
	replay_event(&r, 18);
	CHECK_INT(ask(0)->server, 1);
	replay_finish(&r);
	CHECK_INT(ask(0)->code, HOY_ETIMEOUT);
	check_unbroken();
}

TEST(T11_timeouts_go_round_the_servers)
{
	static const unsigned servers[] = { 0, 1, 2, 0, 1, 2 };

	replay_start(&r, (struct hoy__exchange_setup){ .servers = 3, .timeout = HOY_SECOND });
	for (size_t i = 0; i < LEN(servers); i++) {
		CHECK(!r.x.done);
		CHECK_INT(ask(0)->server, servers[i]);
		CHECK_INT(ask(1)->handle, ask(0)->handle);	/* a fresh socket each time, shared */
		CHECK_INT(r.opened, i + 1);
		replay_timeout(&r);
	}
	CHECK(r.x.done);
	CHECK_INT(ask(0)->code, HOY_ETIMEOUT);
	CHECK_INT(r.now - r.started, 6 * HOY_SECOND);	/* T10: nothing is waited for after the last */
	CHECK_INT(r.health[2].failures, 2);		/* one a socket, not one a question */
	replay_finish(&r);
	check_unbroken();
}

TEST(rotation_begins_elsewhere)
{
	replay_start(&r, (struct hoy__exchange_setup){ .servers = 3, .first = 2 });
	CHECK_INT(ask(0)->server, 2);
	replay_timeout(&r);
	CHECK_INT(ask(0)->server, 0);
	replay_finish(&r);
	check_unbroken();
}

TEST(one_family_may_be_ahead_of_the_other)
{
	replay_start(&r, (struct hoy__exchange_setup){ .servers = 2 });
	replay_rcode(&r, 0, HOY__SERVFAIL);
	CHECK_INT(ask(0)->server, 1);
	CHECK_INT(ask(1)->server, 0);
	CHECK_INT(r.open, 2);
	replay_timeout(&r);		/* both: they were sent at the same time */
	CHECK_INT(ask(0)->server, 0);
	CHECK_INT(ask(1)->server, 1);
	replay_answer(&r, 1);
	replay_answer(&r, 0);
	CHECK(r.x.done);
	replay_finish(&r);
	check_unbroken();
}

TEST(truncation_goes_to_tcp_at_the_same_server)
{
	for (int cut = 0; cut < 2; cut++) {
		replay_start(&r, (struct hoy__exchange_setup){ .servers = 2 });
		for (unsigned i = 0; i < 2; i++) {
			replay_prepare(&r, i, cut ? 0 : HOY__TC, 0);
			r.last.data[7] = 200;		/* records that did not fit */
			replay_step(&r, (struct hoy__event_in){ HOY__DATAGRAM, r.last_handle, r.last.data, r.last.len,
								cut, false, 0 });
		}
		CHECK(replay_is_tcp(&r, ask(0)->handle));
		CHECK_INT(ask(0)->handle, ask(1)->handle);
		CHECK_INT(ask(0)->server, 0);
		CHECK_INT(r.open, 1);
		replay_prepare(&r, 0, HOY__TC, 0);	/* TC over TCP is used as it is */
		packet_a(&r.last, "www.example", 1);
		replay_deliver(&r);
		CHECK_INT(ask(0)->code, 0);
		replay_answer(&r, 1);
		CHECK(r.x.done);
		replay_finish(&r);
		check_unbroken();
	}
}

TEST(use_vc_never_sends_a_datagram)
{
	replay_start(&r, (struct hoy__exchange_setup){ .servers = 1, .use_tcp = true });
	CHECK(replay_is_tcp(&r, ask(0)->handle));
	CHECK_INT(r.opened, 1);
	replay_answer(&r, 1);		/* out of order */
	replay_answer(&r, 0);
	CHECK(r.x.done);
	replay_finish(&r);
	check_unbroken();
}

TEST(T5_a_dead_connection_moves_every_question_on_once)
{
	replay_start(&r, (struct hoy__exchange_setup){ .servers = 2, .use_tcp = true });
	replay_socket_failed(&r, ask(0)->handle, HOY_EEOF, false);
	CHECK_INT(ask(0)->turn, 1);
	CHECK_INT(ask(1)->turn, 1);
	CHECK_INT(ask(0)->handle, ask(1)->handle);
	CHECK_INT(r.health[0].failures, 1);
	replay_finish(&r);
	check_unbroken();
}

TEST(a_kept_connection_that_had_been_closed_is_opened_anew_once)
{
	replay_start(&r, (struct hoy__exchange_setup){ .servers = 2, .use_tcp = true });
	replay_socket_failed(&r, ask(0)->handle, HOY_EEOF, true);
	CHECK_INT(ask(0)->turn, 0);
	CHECK_INT(r.fresh, 1);
	CHECK_INT(r.health[0].failures, 0);
	replay_socket_failed(&r, ask(0)->handle, HOY_EEOF, true);
	CHECK_INT(ask(0)->turn, 1);
	replay_finish(&r);
	check_unbroken();
}

TEST(T2_an_answer_before_the_close_counts)
{
	uint32_t handle;

	replay_start(&r, (struct hoy__exchange_setup){ .servers = 1, .use_tcp = true });
	handle = ask(0)->handle;
	replay_answer(&r, 0);
	replay_answer(&r, 1);
	replay_socket_failed(&r, handle, HOY_EEOF, false);
	CHECK_INT(ask(0)->code, 0);
	CHECK_INT(ask(1)->code, 0);
	replay_finish(&r);
	check_unbroken();
}

TEST(S7_an_icmp_error_ends_that_attempt_only)
{
	replay_start(&r, (struct hoy__exchange_setup){ .servers = 1 });
	uint32_t handle = ask(0)->handle;

	replay_socket_failed(&r, handle, -ECONNREFUSED, false);
	CHECK(!r.x.done);
	CHECK(ask(0)->handle != handle);	/* and with it the port */
	replay_socket_failed(&r, ask(0)->handle, -ECONNREFUSED, false);
	CHECK(r.x.done);
	CHECK_INT(ask(0)->code, -ECONNREFUSED);
	replay_finish(&r);
	check_unbroken();
}

TEST(edns_is_left_out_for_a_server_that_chokes_on_it)
{
	static const unsigned rcodes[] = { HOY__FORMERR, HOY__NOTIMP };

	for (size_t i = 0; i < LEN(rcodes); i++) {
		r.health[0].plain_until = 0;
		replay_start(&r, (struct hoy__exchange_setup){ .servers = 1, .types = 1, .type = { HOY__A } });
		CHECK(!ask(0)->plain);
		replay_rcode(&r, 0, rcodes[i]);
		CHECK(ask(0)->plain);
		CHECK_INT(ask(0)->turn, 0);
		CHECK_INT(r.opened, 1);
		CHECK_INT(r.health[0].plain_until, 0);	/* it may fail without EDNS too */
		replay_answer(&r, 0);
		CHECK_INT(ask(0)->code, 0);
		CHECK(r.health[0].plain_until > r.now);
		replay_finish(&r);
		replay_start(&r, (struct hoy__exchange_setup){ .servers = 1, .types = 1, .type = { HOY__A } });
		CHECK(ask(0)->plain);
		replay_answer(&r, 0);
		replay_finish(&r);
		r.now = r.health[0].plain_until;
		replay_start(&r, (struct hoy__exchange_setup){ .servers = 1, .types = 1, .type = { HOY__A } });
		CHECK(!ask(0)->plain);
		replay_finish(&r);
		check_unbroken();
	}
}

TEST(badvers_is_choking_and_formerr_without_edns_is_an_error)
{
	replay_start(&r, (struct hoy__exchange_setup){ .servers = 1, .attempts = 1, .types = 1, .type = { HOY__A } });
	replay_prepare(&r, 0, 0, 0);
	packet_opt(&r.last, 1232, 1);
	replay_deliver(&r);
	CHECK(ask(0)->plain);
	replay_rcode(&r, 0, HOY__FORMERR);
	CHECK(r.x.done);
	CHECK_INT(ask(0)->code, HOY_EREFUSED);
	CHECK_INT(ask(0)->reply.rcode, HOY__FORMERR);
	CHECK_INT(r.health[0].plain_until, 0);
	replay_finish(&r);
	check_unbroken();
}

/* Old servers leave out the question of a query they cannot read. */
TEST(a_bare_error_is_asked_again_without_edns)
{
	static const unsigned rcodes[] = { HOY__FORMERR, HOY__SERVFAIL, HOY__NOTIMP, HOY__REFUSED };

	for (size_t i = 0; i < LEN(rcodes); i++)
		for (int tcp = 0; tcp < 2; tcp++) {
			r.health[0] = (struct hoy__server_health){ .failures = 1 };
			replay_start(&r, (struct hoy__exchange_setup){ .servers = 1, .types = 1, .type = { HOY__A }, .use_tcp = tcp });
			replay_bare(&r, 0, rcodes[i]);
			CHECK(ask(0)->plain);
			CHECK_INT(ask(0)->turn, 0);
			CHECK_INT(r.sends, 2);
			CHECK_INT(r.opened, 1);
			CHECK_INT(r.health[0].failures, 0);
			CHECK_INT(r.health[0].plain_until, 0);
			replay_answer(&r, 0);
			CHECK_INT(ask(0)->code, 0);
			CHECK(r.health[0].plain_until > r.now);
			replay_finish(&r);
			check_unbroken();
		}
}

TEST(a_bare_reply_never_settles_a_question)
{
	static const unsigned flags[] = {
		HOY__NOERROR, HOY__NXDOMAIN, HOY__FORMERR, HOY__SERVFAIL, HOY__NOTIMP, HOY__REFUSED, 6, 15,
	};

	for (int tcp = 0; tcp < 2; tcp++) {
		r.health[0] = (struct hoy__server_health){ 0 };
		replay_start(&r, (struct hoy__exchange_setup){ .servers = 1, .types = 1, .type = { HOY__A }, .use_tcp = tcp });
		replay_bare(&r, 0, HOY__FORMERR);
		for (size_t i = 0; i < LEN(flags); i++)		/* the query has no OPT record any more */
			replay_bare(&r, 0, flags[i]);
		CHECK_INT(r.sends, 2);
		CHECK_INT(ask(0)->state, HOY__QUESTION_SENT);
		CHECK_INT(r.health[0].rejected, LEN(flags));
		replay_answer(&r, 0);
		CHECK_INT(ask(0)->code, 0);
		replay_finish(&r);
		check_unbroken();
	}
}

TEST(a_bare_reply_must_match_in_all_it_has)
{
	static const unsigned wrong[] = { 0x0800, 0x7800 };	/* other opcodes */

	r.health[0] = (struct hoy__server_health){ 0 };
	replay_start(&r, (struct hoy__exchange_setup){ .servers = 1 });
	for (size_t i = 0; i < LEN(wrong); i++)
		replay_bare(&r, 0, HOY__FORMERR | wrong[i]);
	for (unsigned octet = 0; octet < 4; octet++) {
		replay_prepare(&r, 0, 0, 0);
		packet_start(&r.last, ask(0)->id, HOY__QR | HOY__FORMERR, NULL, 0);
		if (octet == 0)
			r.last.data[1] ^= 0x80;		/* the id, of neither question */
		else if (octet == 1)
			r.last.data[2] ^= 0x80;		/* a query */
		else
			r.last.data[octet == 2 ? 7 : 9] = 1;	/* records, where there are none */
		replay_deliver(&r);
	}
	packet_start(&r.last, ask(0)->id, HOY__QR | HOY__FORMERR, NULL, 0);
	for (size_t len = 0; len < 12; len++)
		replay_feed(&r, ask(0)->handle, r.last.data, len);
	CHECK_INT(r.sends, 2);
	CHECK_INT(r.health[0].rejected, 18);
	CHECK(!ask(0)->plain && !ask(1)->plain);
	replay_finish(&r);
	check_unbroken();
}

TEST(a_bare_truncated_reply_is_asked_again_over_tcp)
{
	replay_start(&r, (struct hoy__exchange_setup){ .servers = 1, .types = 1, .type = { HOY__A } });
	replay_bare(&r, 0, HOY__TC);
	CHECK(replay_is_tcp(&r, ask(0)->handle));
	CHECK(!ask(0)->plain);
	replay_bare(&r, 0, HOY__TC);		/* over TCP nothing is cut */
	CHECK_INT(r.sends, 2);
	replay_answer(&r, 0);
	CHECK_INT(ask(0)->code, 0);
	replay_finish(&r);
	check_unbroken();
}

/* The letters of its question are what makes a forgery hard: the next reply has to have them again. */
TEST(a_bare_reply_does_not_end_mixed_case)
{
	replay_start(&r, (struct hoy__exchange_setup){ .servers = 1, .mixed_case = true, .types = 1, .type = { HOY__A } });
	replay_bare(&r, 0, HOY__FORMERR);
	CHECK(ask(0)->plain);
	replay_other_case(&r, 0);
	CHECK_INT(ask(0)->state, HOY__QUESTION_SENT);
	replay_answer(&r, 0);
	CHECK_INT(ask(0)->code, 0);
	replay_finish(&r);
	check_unbroken();
}

/* A message with a foreign ID does not end a connection that other queries use (RFC 7766 section 7). */
TEST(what_is_not_ours_on_a_connection_is_skipped)
{
	static const unsigned events[] = { 3, 4, 5, 19 };

	r.health[0] = (struct hoy__server_health){ 0 };
	replay_start(&r, (struct hoy__exchange_setup){ .servers = 1, .use_tcp = true });
	for (size_t i = 0; i < LEN(events); i++)
		replay_event(&r, events[i]);
	CHECK_INT(r.health[0].rejected, LEN(events));
	CHECK_INT(r.health[0].failures, 0);
	CHECK_INT(r.opened, 1);
	replay_answer(&r, 0);
	replay_answer(&r, 1);
	CHECK_INT(ask(0)->code, 0);
	CHECK_INT(ask(1)->code, 0);
	replay_finish(&r);
	check_unbroken();
}

TEST(a_dead_first_server_does_not_cost_every_lookup_its_timeout)
{
	struct hoy__exchange_setup setup = { .servers = 2 };

	replay_start(&r, setup);
	replay_timeout(&r);
	replay_answer(&r, 0);
	replay_answer(&r, 1);
	replay_finish(&r);
	for (int i = 0; i < 4; i++) {
		replay_start(&r, setup);
		CHECK_INT(ask(0)->server, 1);
		replay_answer(&r, 0);
		replay_answer(&r, 1);
		replay_finish(&r);
		r.now += HOY_SECOND;
	}
	r.now += HOY_SECOND;
	replay_start(&r, setup);		/* five seconds later it is tried, on approval */
	CHECK_INT(ask(0)->server, 0);
	replay_timeout(&r);
	CHECK_INT(r.now - r.started, 250 * HOY_MILLISECOND);
	CHECK_INT(ask(0)->server, 1);
	replay_answer(&r, 0);
	replay_answer(&r, 1);
	replay_finish(&r);
	replay_start(&r, setup);
	CHECK_INT(ask(0)->server, 1);
	replay_finish(&r);
	check_unbroken();
}

TEST(a_server_that_answers_its_probe_is_first_again)
{
	struct hoy__exchange_setup setup = { .servers = 2 };

	r.health[0] = (struct hoy__server_health){ .failures = 3, .probe_at = 1, .rtt = 100 * HOY_MILLISECOND };
	replay_start(&r, setup);
	CHECK_INT(ask(0)->server, 0);
	CHECK_INT(r.x.until - r.now, 400 * HOY_MILLISECOND);	/* four times what it usually takes */
	replay_answer(&r, 0);
	CHECK_INT(r.health[0].failures, 0);
	replay_answer(&r, 1);
	replay_finish(&r);
	replay_start(&r, setup);
	CHECK_INT(ask(0)->server, 0);
	CHECK_INT(r.x.until - r.now, 5 * HOY_SECOND);
	replay_finish(&r);
	check_unbroken();
}

TEST(when_all_servers_are_down_all_are_asked_in_full)
{
	r.health[0] = r.health[1] = (struct hoy__server_health){ .failures = 8, .probe_at = 1 };
	replay_start(&r, (struct hoy__exchange_setup){ .servers = 2, .timeout = HOY_SECOND });
	CHECK_INT(ask(0)->server, 0);
	replay_finish(&r);
	CHECK_INT(r.now - r.started, 4 * HOY_SECOND);
	CHECK_INT(r.health[0].failures, 8);	/* capped */
	check_unbroken();
}

TEST(T9_the_budget_of_packets_holds_whatever_is_configured)
{
	replay_start(&r, (struct hoy__exchange_setup){ .servers = 3, .attempts = 0xffffff });
	for (int i = 0; i < 1000 && !r.x.done; i++)
		replay_rcode(&r, r.x.question[0].state != HOY__QUESTION_SENT, HOY__SERVFAIL);
	CHECK(r.x.done);
	CHECK_INT(r.sends, 64);
	CHECK_INT(ask(1)->code, HOY_ESERVFAIL);
	replay_finish(&r);
	replay_start(&r, (struct hoy__exchange_setup){ .servers = 3, .budget = 1 });
	CHECK_INT(r.sends, 1);
	CHECK_INT(ask(1)->state, HOY__QUESTION_SETTLED);
	CHECK_INT(ask(1)->code, HOY_ETIMEOUT);
	replay_finish(&r);
	check_unbroken();
}

TEST(T6_cancel_at_any_moment_closes_everything)
{
	for (unsigned when = 0; when < REPLAY_EVENTS; when++) {
		replay_start(&r, (struct hoy__exchange_setup){ .servers = 2 });
		replay_event(&r, when);
		replay_event(&r, 17);
		CHECK(r.x.done);
		CHECK_INT(r.open, 0);
		replay_event(&r, 2);		/* and nothing wakes it again */
		replay_event(&r, 12);
		CHECK(r.x.done);
		replay_finish(&r);
		check_unbroken();
	}
}

TEST(trust_ad_sets_the_bit_and_believes_it)
{
	for (int trust = 0; trust < 2; trust++) {
		replay_start(&r, (struct hoy__exchange_setup){ .servers = 1, .trust_ad = trust, .types = 1,
							       .type = { HOY__A } });
		CHECK_INT(ask(0)->query[3] & HOY__AD ? 1 : 0, trust);
		replay_prepare(&r, 0, HOY__AD, 0);
		packet_a(&r.last, "www.example", 1);
		replay_deliver(&r);
		CHECK_INT(ask(0)->reply.authenticated, trust);
		replay_finish(&r);
		check_unbroken();
	}
}

static bool is_lower(const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (at[i] >= 'A' && at[i] <= 'Z')
			return false;
	return true;
}

/* Ten letters' worth of bits that a forger has to guess, for each query anew. */
TEST(mixed_case_has_to_come_back)
{
	const struct hoy__exchange_setup setup = { .servers = 1, .attempts = 20, .mixed_case = true, .types = 1,
						   .type = { HOY__A } };
	uint8_t last[13] = { 0 };
	char text[HOY__NAME_STRLEN];

	memset(r.health, 0, sizeof r.health);
	replay_start(&r, setup);
	for (int round = 0; round < 10; round++) {
		CHECK(!is_lower(ask(0)->query + 12, 13) && memcmp(last, ask(0)->query + 12, 13));
		memcpy(last, ask(0)->query + 12, 13);
		for (size_t i = 1; i < 12; i++) {
			if (i == 4)		/* a length */
				continue;
			replay_prepare(&r, 0, 0, 0);
			r.last.data[12 + i] ^= 0x20;
			replay_deliver(&r);
		}
		CHECK_INT(r.health[0].rejected, 10u * (unsigned)(round + 1));
		replay_timeout(&r);
	}
	replay_answer(&r, 0);
	CHECK_INT(ask(0)->code, 0);
	CHECK_STR(hoy__name_text(&ask(0)->reply.name, text), "www.example.", "as typed");
	CHECK(!memcmp(ask(0)->message + 13, "www\7example", 11));
	replay_finish(&r);
	check_unbroken();
}

/* Over TCP the name is as typed, and the case of the reply does not matter. */
TEST(mixed_case_is_for_datagrams)
{
	replay_start(&r, (struct hoy__exchange_setup){ .servers = 1, .mixed_case = true, .types = 1, .type = { HOY__A } });
	replay_rcode(&r, 0, HOY__TC);
	CHECK(replay_is_tcp(&r, ask(0)->handle));
	CHECK(!memcmp(ask(0)->query + 13, "www\7example", 11));
	replay_prepare(&r, 0, 0, 0);
	r.last.data[13] ^= 0x20;
	packet_a(&r.last, "www.example", 1);
	replay_deliver(&r);
	CHECK_INT(ask(0)->code, 0);
	replay_finish(&r);
	check_unbroken();
}

TEST(without_it_a_name_goes_out_as_typed)
{
	replay_start(&r, (struct hoy__exchange_setup){ .servers = 1 });
	CHECK(!memcmp(ask(0)->query + 13, "www\7example", 11));
	replay_finish(&r);
}

TEST(mixed_case_without_memory_fails_and_leaves_nothing)
{
	for (int at = 1; at <= 2; at++) {
		fault_install();
		replay_start(&r, (struct hoy__exchange_setup){ .servers = 1, .mixed_case = true, .types = 1,
							       .type = { HOY__A } });
		fault_reset();
		fault_alloc_at(at);
		replay_answer(&r, 0);
		CHECK(fault_fired() && r.x.done);
		CHECK_INT(ask(0)->code, -ENOMEM);
		hoy__exchange_clear(&r.x);
		CHECK_INT(fault_live_blocks(), 0);
	}
}

TEST(an_answer_for_which_there_is_no_memory_fails_and_leaves_nothing)
{
	fault_install();
	replay_start(&r, (struct hoy__exchange_setup){ .servers = 1, .types = 1, .type = { HOY__A } });
	fault_reset();
	fault_alloc_at(1);
	replay_answer(&r, 0);
	CHECK(fault_fired());
	CHECK(r.x.done);
	CHECK_INT(ask(0)->code, -ENOMEM);
	hoy__exchange_clear(&r.x);
	CHECK_INT(fault_live_blocks(), 0);
}

/* Every sequence of four events, under setups that differ in what they allow. */
TEST(every_order_of_events_keeps_the_rules)
{
	static const struct hoy__exchange_setup setups[] = {
		{ .servers = 2 }, { .servers = 1, .attempts = 1, .use_tcp = true },
		{ .servers = 1, .single_request = true }, { .servers = 3, .budget = 5 },
	};
	enum { DEPTH = 4, SEQUENCES = REPLAY_EVENTS * REPLAY_EVENTS * REPLAY_EVENTS * REPLAY_EVENTS };

	for (size_t s = 0; s < LEN(setups) && !r.broken; s++)
		for (unsigned n = 0; n < SEQUENCES && !r.broken; n += (unsigned)(t_scale() > 1 ? 7 : 1)) {
			unsigned left = n;

			memset(r.health, 0, sizeof r.health);
			replay_start(&r, setups[s]);
			for (int i = 0; i < DEPTH; i++, left /= REPLAY_EVENTS)
				replay_event(&r, left);
			replay_finish(&r);
			if (r.broken)
				fprintf(stderr, "setup %zu, sequence %u\n", s, n);
		}
	check_unbroken();
}

TEST(long_random_histories_keep_the_rules)
{
	uint64_t random = 1;

	for (int i = 0; i < SCALED(20000) && !r.broken; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		replay_start(&r, (struct hoy__exchange_setup){
			.servers = 1 + (random >> 60) % 4, .attempts = 1 + (random >> 50) % 4,
			.use_tcp = random >> 40 & 1, .single_request = random >> 41 & 1, .mixed_case = random >> 42 & 1, .first = (random >> 30) % 3 });
		for (int k = 0; k < 40; k++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			replay_event(&r, (unsigned)(random >> 33));
			if (random >> 43 & 1)
				replay_other_case(&r, random >> 44 & 1);
		}
		replay_finish(&r);
	}
	check_unbroken();
}
