/*
 * Sockets that outlive a process: passed by a service manager (systemd's LISTEN_FDS, sd_listen_fds(3)), and handed from
 * a server to its successor, so that no client is refused in between. libsystemd is not needed.
 */
#ifndef HOY_HANDOVER_H
#define HOY_HANDOVER_H

#include <hoy/conn.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * How many descriptors the service manager passed to this process, 0 without one. They are made close-on-exec. Children do not
 * get them: $LISTEN_PID names this process.
 */
int hoy_activation_count(void);
/*
 * The listener, or the other socket, that was passed under this name (FileDescriptorName= of the unit; for NULL any name): the first
 * that has not been taken yet, which is the caller's from then on. -ENOENT when there is none. lc, or NULL, says how to accept:
 * keep_alive, keep_alive_config and proxy; its other fields are the manager's business.
 */
hoy_listener *hoy_activation_listener(const hoy_listen_config *lc, const char *name, hoy_err *err);
hoy_conn *hoy_activation_conn(const char *name, hoy_err *err);

/*
 * Tells the service manager about this process, as sd_notify(3): lines of NAME=VALUE such as "READY=1", "STOPPING=1",
 * "RELOADING=1", "STATUS=12 clients" or "MAINPID=4711". RELOADING=1 gets its MONOTONIC_USEC= when that is missing. 1 when it was
 * sent, 0 when no manager wants to know ($NOTIFY_SOCKET is not set), or a negative code. Waits while the manager's queue is
 * full, 5 s at most.
 */
int hoy_notify(const char *state, hoy_err *err);

/*
 * A server that its successor replaces while it serves. Each generation of it runs
 *
 *	hoy_handover *h = hoy_handover_open("/run/name/handover", &err);
 *	hoy_listener *l = hoy_handover_listen(h, NULL, "tcp", ":1201", &err);
 *	... serve l in a task ...
 *	hoy_handover_ready(h, &err);		the predecessor stops accepting, and drains
 *	hoy_handover_wait(h, &err);		until a successor is ready
 *	hoy_listener_close(l, NULL);		hoy_serve lets its connections end
 *
 * The sockets are the same in both processes, so none of the connections that wait in their queues is lost. Whoever may
 * write to the file at path can take the listeners: it is created with mode 0600. An abstract name ("@name") is open to all.
 */
typedef struct hoy_handover hoy_handover;

/*
 * Takes the listeners of the process that waits at path, or begins to wait there when there is none. A predecessor that is
 * not ready itself yet is waited for. NULL on failure.
 */
hoy_handover *hoy_handover_open(const char *path, hoy_err *err);
/* 1 when there was a predecessor, which serves until hoy_handover_ready. */
int hoy_handover_is_successor(const hoy_handover *h);
/*
 * The predecessor's listener of this network and address, written as there, or a new one. lc: as in hoy_activation_listener, or
 * for a new one all of it. The listener is the caller's, and is to be freed after h. The file of a Unix listener stays; it
 * is removed by the last process that has it.
 */
hoy_listener *hoy_handover_listen(hoy_handover *h, const hoy_listen_config *lc, const char *network, const char *address,
				  hoy_err *err);
/*
 * This process serves: the predecessor's hoy_handover_wait returns, and its listeners that were not asked for are closed
 * here. 0; HOY_EEOF when the predecessor has ended meanwhile: then serve on. Waits.
 */
int hoy_handover_ready(hoy_handover *h, hoy_err *err);
/*
 * Waits until a successor is ready: 0. One that ends before that is forgotten, and this process serves on. Ends with
 * HOY_ECANCELED, or a code of accepting; called again, it goes on with the successor that it had begun with.
 */
int hoy_handover_wait(hoy_handover *h, hoy_err *err);
/* NULL is nothing. Without a successor, the file at path is removed. */
void hoy_handover_free(hoy_handover *h);

#ifdef __cplusplus
}
#endif
#endif
