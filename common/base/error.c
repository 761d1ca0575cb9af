/* SPDX-License-Identifier: MIT */
#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *err, enum status code, const char *format, ...)
{
	va_list args;

	if (err->code != STATUS_DONE)
		return -1;
	err->code = (int)code;
	va_start(args, format);
	vsnprintf(err->message, sizeof err->message, format, args);
	va_end(args);
	return -1;
}

int error_errno(struct error *err, const char *format, ...)
{
	const char *why = strerror(errno);
	va_list args;
	int length;

	if (err->code != STATUS_DONE)
		return -1;
	err->code = errno == EINTR ? STATUS_INTERRUPT : STATUS_FAILED;
	va_start(args, format);
	length = vsnprintf(err->message, sizeof err->message, format, args);
	va_end(args);
	if (length >= 0 && (size_t)length < sizeof err->message)
		snprintf(err->message + length, sizeof err->message - (size_t)length, ": %s", why);
	return -1;
}

static int put_before(struct error *err, const char *format, va_list args)
{
	char prefix[sizeof err->message];
	size_t room = sizeof err->message, size;

	vsnprintf(prefix, sizeof prefix, format, args);
	size = strlen(prefix);
	if (size + 3 >= room)
		return -1;
	memmove(err->message + size + 2, err->message, room - size - 3);
	memcpy(err->message, prefix, size);
	memcpy(err->message + size, ": ", 2);
	err->message[room - 1] = '\0';
	if (err->lines)
		err->lines = (size_t)err->lines + size + 2 < room ? err->lines + (int)size + 2 : 0;
	return -1;
}

int error_prefix(struct error *err, const char *format, ...)
{
	va_list args;

	if (err->code == STATUS_DONE || err->passed_on)
		return -1;
	va_start(args, format);
	put_before(err, format, args);
	va_end(args);
	return -1;
}

int error_own(struct error *err, const char *format, ...)
{
	va_list args;

	if (err->code == STATUS_DONE)
		return -1;
	if (err->passed_on) {
		snprintf(err->message, sizeof err->message, "%s failed", err->program);
		err->lines = 0;
	}
	err->passed_on = false;
	va_start(args, format);
	put_before(err, format, args);
	va_end(args);
	return -1;
}

void error_lines(struct error *err, const char *lines)
{
	size_t size = strlen(err->message);

	err->lines = (int)size;
	snprintf(err->message + size, sizeof err->message - size, "%s", lines);
}

void error_clear(struct error *err)
{
	*err = (struct error)ERROR_INIT;
}
