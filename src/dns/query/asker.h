/* What the parts of asking share: the asker, one call inside it, and the sockets of the call. */
#ifndef HOY_DNS_ASKER_H
#define HOY_DNS_ASKER_H

#include <stdatomic.h>
#include <sys/types.h>

#include <hoy/sync.h>

#include "base/list.h"
#include "base/siphash.h"
#include "dns/query/ask.h"
#include "dns/query/cache.h"
#include "fd/fork_mutex.h"
#include "task/source.h"

struct hoy__call;
struct hoy__fd;
struct hoy__stream;

/* A server of the policy that was used last. */
struct hoy__known {
	hoy_addr addr;
	struct hoy__server_health health;
};

/* How servers are asked. */
struct hoy__manner {
	unsigned attempts;
	int64_t timeout;
	bool use_tcp, trust_ad;
};

enum { HOY__FLIGHT_BUCKETS = 64, HOY__LUCK = 512 };

struct hoy__asker {
	struct hoy__fork_mutex lock;		/* of everything that is not atomic; never held while waiting */
	atomic_uint refs;			/* the owner's, and one of each call inside */
	atomic_bool closed;
	_Atomic int64_t deadline;
	struct hoy__link calls;			/* all inside */
	struct hoy__link streams;		/* connections, used or kept */
	struct hoy__link flight[HOY__FLIGHT_BUCKETS];	/* questions under way */
	struct hoy__siphash_key key;
	uint16_t luck[HOY__LUCK];		/* drawn at once for many calls */
	unsigned luck_left;
	struct hoy__known known[HOY__EXCHANGE_SERVERS];
	unsigned knowns, rotation;
	struct hoy__manner manner;
	int (*dial)(const char *network, const hoy_addr *server, void *arg);	/* NULL: the system's sockets */
	void *dial_arg;
	uint64_t epoch;				/* other servers, or another manner: another epoch */
	struct hoy__cache *cache;		/* of this epoch; NULL: nothing is remembered */
	uint64_t hits, stale, misses;
	atomic_uint_fast64_t count[HOY_TRACE_DONE + 1];	/* events, by kind */
};

/* The socket of one line of the exchange. */
struct hoy__wire {
	uint32_t line;		/* 0: not in use */
	bool looked;		/* has been looked at without the poller */
	struct hoy__fd *udp;
	struct hoy__stream *tcp;
};

/* A question on its way over TCP. Under the lock, until the answer has been taken. */
struct hoy__request {
	struct hoy__link link;		/* among the stream's */
	struct hoy__stream *stream;	/* while it waits there */
	struct hoy__call *call;
	uint32_t line;
	uint16_t id, wire_id;
	struct hoy__question question;
	bool has_opt;			/* the query has an OPT record */
	uint8_t *message;		/* the answer, the call's to release */
	size_t len;
};

/*
 * A question and what became of it, for everyone who asks it at the same time. One of
 * them leads: its exchange finds out. Under the lock until it is done, and then for
 * ever as it is.
 */
struct hoy__shared {
	atomic_uint refs;		/* one of each seat, later of each found */
	struct hoy__link link;		/* among the flights, until it is done */
	struct hoy__link seats;
	struct hoy__call *leader;	/* NULL: it had to go, somebody else is to lead */
	struct hoy__name name;
	uint16_t type;
	uint64_t epoch;			/* those who ask other servers, or otherwise, do not share */
	bool backed;			/* there is an old answer, should nobody give a new one */

	atomic_bool done;
	int code;
	hoy_addr server;
	struct hoy__reply reply;
	uint8_t *message;
	size_t len;
	struct hoy__cached cached;	/* under the lock */
};

/* One who waits for it, or has it already. */
struct hoy__seat {
	struct hoy__link link;		/* among the flight's, unless it was remembered */
	struct hoy__call *call;
	struct hoy__shared *shared;
	bool joined;
	enum hoy_source source;
	uint32_t seconds;		/* for which it has been remembered */
};

/* One call of hoy__ask, on the stack of whoever asks. */
struct hoy__call {
	struct hoy__asker *asker;
	const struct hoy__ask_policy *policy;
	const struct hoy__name *name;
	struct hoy__link *bucket;	/* its name's, among the flights */
	struct hoy__link link;
	struct hoy__task *task;
	atomic_bool told;	/* something outside the sockets has happened: look again */
	int stop;		/* why it has to go without an answer; 0 */
	struct hoy__seat seat[HOY__ASKS];	/* one a question of the caller's */
	unsigned seats;
	bool met;		/* policy->meanwhile knows what was found first */

	struct hoy__exchange x;
	struct hoy__shared *led[HOY__ASKS];	/* whom the exchange's questions are for */
	struct hoy__wire wire[HOY__ASKS];
	struct hoy__request request[HOY__ASKS];	/* one a question */
	struct hoy__server_health health[HOY__EXCHANGE_SERVERS];	/* ours to change, */
	struct hoy__server_health before[HOY__EXCHANGE_SERVERS];	/* and as the asker knows it */
	bool asked;		/* health is filled in */
	unsigned first;		/* the server to begin with */
	uint16_t luck[HOY__PACKETS_MOST * (1 + HOY__CASE_DRAWS)];
	unsigned lucks, drawn;
	uint8_t datagram[HOY__UDP_SIZE];
};

/*
 * Under the lock. The policy's servers are the known ones from now on, those of before keep
 * what is known; what others said, or said otherwise, is not remembered.
 */
void hoy__health_adopt(struct hoy__asker *a, const struct hoy__ask_policy *p);
/* What is known of the call's servers. Under the lock. */
void hoy__health_take(struct hoy__call *c);
/* What the call has learned since becomes known, unless the server was forgotten meanwhile. Under the lock. */
void hoy__health_tell(struct hoy__call *c);
/* Has it learned what others should know now: that a server fails, or answers again? */
bool hoy__health_is_news(const struct hoy__call *c);

/* Ids for all the packets of a call, so that none can be wanting later. 0 or a code. Under the lock. */
int hoy__luck_draw(struct hoy__call *c, unsigned types);

/* Where the questions under way about this name are. Not under the lock. */
struct hoy__link *hoy__flight_bucket(struct hoy__asker *a, const struct hoy__name *name);
/*
 * Takes a seat for the question: alone as its leader, beside others, or with what is
 * remembered. 0 or -ENOMEM. Under the lock.
 */
int hoy__flight_board(struct hoy__call *c, uint16_t type);
/* The questions for this call to find out, into led; some may have lost their leader. How many. Under the lock. */
unsigned hoy__flight_lead(struct hoy__call *c);
/* The exchange's question is settled: everyone may know. Not under the lock. */
void hoy__flight_land(struct hoy__call *c, unsigned ask);
/* Have all questions of this call become known? */
bool hoy__flight_is_over(const struct hoy__call *c);
/* What became of a seat's question, which is done. found does not count as a holder. */
void hoy__flight_look(const struct hoy__seat *seat, struct hoy__found *found);
/* Leaves the seat with what became of it, at the end. Under the lock. */
void hoy__flight_leave(struct hoy__call *c, struct hoy__seat *seat, struct hoy__found *found);

void hoy__shared_drop(struct hoy__shared *s);

/* What is remembered, if anything is. All under the lock. */
/* The seat has what is known of its call's name: true; false: ask. */
bool hoy__kept_take(struct hoy__seat *seat, uint16_t type);
/* Is there an old answer to fall back on? */
bool hoy__kept_backs(struct hoy__asker *a, const struct hoy__name *name, uint16_t type);
/* It is done: is it worth remembering? */
void hoy__kept_keep(struct hoy__asker *a, struct hoy__shared *s);
/* The seat has the old answer if there is one, and code says that nobody gave a new one. */
void hoy__kept_stand_in(struct hoy__seat *seat, int code);
/* What was remembered is told as of now. */
void hoy__kept_tell(const struct hoy__seat *seat, struct hoy__found *found);

/* What is done with the lock is short, so it is worth a try or two before parking. */
void hoy__asker_lock(struct hoy__asker *a);
void hoy__asker_unlock(struct hoy__asker *a);
/* Makes a call look again: closed, another deadline, its answer has come. Under the lock. */
void hoy__call_poke(struct hoy__call *c);
/* Counts an event, and traces it. */
void hoy__call_note(struct hoy__call *c, hoy_trace event);
/* Why nobody wants to know any more; 0: somebody does. */
int hoy__call_check(const struct hoy__call *c);
/* Asks what it leads and waits until all of that is settled, or c->stop says why not. */
void hoy__call_run(struct hoy__call *c, unsigned leads);
/* Waits for what others lead. 0, or why not any longer. */
int hoy__call_wait(struct hoy__call *c);

/* Does what the exchange has asked for, whatever comes of it. */
void hoy__wires_act(struct hoy__call *c);
/* Tells the exchange what has come, or happened, or that its time is up; and does what it then asks for. */
void hoy__wires_read(struct hoy__call *c);
void hoy__wires_feed(struct hoy__call *c, struct hoy__event_in event);
void hoy__wires_timeout(struct hoy__call *c, int64_t now);
/* What has been found out so far is told to whoever shares it. */
void hoy__wires_tell(struct hoy__call *c);
void hoy__wires_clear(struct hoy__call *c);

/*
 * A non-blocking socket to the server, connected or with the connection under way, of SOCK_DGRAM or SOCK_STREAM; or a
 * negative code. The asker's dial makes it if there is one.
 */
int hoy__asker_connect(const struct hoy__asker *a, int type, const hoy_addr *server);

/* A connected socket to the server. NULL: *code says why. */
struct hoy__fd *hoy__datagram_open(const struct hoy__asker *a, const hoy_addr *server, int *code);
int hoy__datagram_send(struct hoy__fd *fd, const void *data, size_t len);
/* The length of the next datagram, which may be more than there was room for; -EAGAIN: wait. */
ssize_t hoy__datagram_receive(struct hoy__fd *fd, void *room, size_t size);

#endif
