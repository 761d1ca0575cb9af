/* SPDX-License-Identifier: MIT */
#include "host.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "buffer.h"

enum { LOOK_UP_MS = 100 };

const char *host_program(const struct host *host) { return host && host->program ? host->program : "millrace"; }
const char *host_command(const struct host *host) { return host && host->command ? host->command : host_program(host); }
const char *host_folder(const struct host *host) { return host && host->folder ? host->folder : "/tmp"; }
bool host_shows_values(const struct host *host) { return host && host->shows_values; }
bool host_interrupted(const struct host *host) { return host && host->interrupted && host->interrupted(host->state); }
bool host_asked(const struct host *host) { return host && host->asked && host->asked(host->state); }
bool host_again(const struct host *host) { return errno == EINTR && !host_interrupted(host); }

bool host_again_on(const struct host *host, int fd, short events)
{
	struct pollfd poll_of = { .fd = fd, .events = events };

	if (errno == EAGAIN || errno == EWOULDBLOCK) {
		(void)poll(&poll_of, 1, LOOK_UP_MS);
		errno = EINTR;          /* where nobody waits any longer that is why */
	}
	return host_again(host);
}
double host_seconds(const struct host *host) { return host && host->seconds ? host->seconds(host->state) : 0; }

void host_note(const struct host *host, const char *format, ...)
{
	struct buffer text = BUFFER_INIT;
	va_list args;

	if (!host || !host->note)
		return;
	va_start(args, format);
	buffer_vformat(&text, format, args);
	va_end(args);
	host->note(host->state, buffer_text(&text));
	buffer_free(&text);
}

void host_line(const struct host *host, const char *text, bool stays)
{
	if (host && host->line)
		host->line(host->state, text, stays);
}

void host_temporary(const struct host *host, const char *path, bool there)
{
	if (host && host->temporary)
		host->temporary(host->state, path, there);
}

bool host_advice(const struct host *host, enum advice advice, const char *name, struct buffer *to)
{
	if (!host || !host->advise)
		return false;
	host->advise(host->state, advice, name, to);
	return true;
}

int host_advise(const struct host *host, enum advice advice, const char *name, struct error *err)
{
	struct buffer text = BUFFER_INIT;
	size_t size = strlen(err->message), room = sizeof err->message - size;

	if (!err->passed_on && host_advice(host, advice, name, &text) && text.size + strlen(" ()") < room)
		snprintf(err->message + size, room, " (%s)", buffer_text(&text));
	buffer_free(&text);
	return -1;
}
