/* SPDX-License-Identifier: MIT */
/* A growing run of bytes. buffer_text ends in a NUL that is not counted. */
#ifndef BUFFER_H
#define BUFFER_H

#include <stdarg.h>
#include <stddef.h>

struct buffer {
	unsigned char *data;
	size_t size, room;
};
#define BUFFER_INIT { .data = 0 }

void buffer_grow(struct buffer *buffer, size_t more);
/* Room for `more` bytes and a NUL. */
static inline void buffer_reserve(struct buffer *buffer, size_t more)
{
	if (buffer->room - buffer->size <= more)
		buffer_grow(buffer, more);
}
void buffer_add(struct buffer *buffer, const void *bytes, size_t size);
void buffer_add_byte(struct buffer *buffer, unsigned char byte);
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_format(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_vformat(struct buffer *buffer, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
const char *buffer_text(struct buffer *buffer);                 /* never NULL */
void buffer_clear(struct buffer *buffer);
void buffer_free(struct buffer *buffer);

#endif
