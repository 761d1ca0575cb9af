/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE             /* the program's name */
#include "memory.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "error.h"

/* The one place where the program ends for want of memory: it is named by what libc knows of it. Registered temporary files go by tool.c's atexit. */
static void die(size_t n, size_t size)
{
	fprintf(stderr, "%s: out of memory: %zu x %zu bytes (give less --memory or -j, where there is such an option, or raise the limit, see ulimit -v)\n",
	        program_invocation_short_name, n, size);
	exit(STATUS_FAILED);
}

static size_t product(size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX / 2)
		die(n, size);
	return bytes ? bytes : 1;
}

static void *checked(void *memory, size_t n, size_t size)
{
	if (!memory)
		die(n, size);
	return memory;
}

void *mem_new(size_t n, size_t size)
{
	return checked(calloc(1, product(n, size)), n, size);
}

void *mem_array(size_t n, size_t size)
{
	return checked(malloc(product(n, size)), n, size);
}

void *mem_resize(void *old, size_t n, size_t size)
{
	return checked(realloc(old, product(n, size)), n, size);
}

void *mem_aligned(size_t size)
{
	return checked(aligned_alloc(64, (product(size, 1) + 63) / 64 * 64), size, 1);
}

void *mem_given(void *memory)
{
	return checked(memory, 1, 1);
}

void mem_can_map(size_t size)
{
	void *space = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (space == MAP_FAILED)
		die(1, size);
	munmap(space, size);
}

char *mem_text(const char *text)
{
	return text ? mem_text_n(text, strlen(text)) : NULL;
}

char *mem_text_n(const char *bytes, size_t size)
{
	char *copy = mem_array(size + 1, 1);

	if (size)
		memcpy(copy, bytes, size);
	copy[size] = '\0';
	return copy;
}

char *mem_format(const char *format, ...)
{
	va_list args, again;
	char *text;
	int size;

	va_start(args, format);
	va_copy(again, args);
	size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = mem_array((size_t)(size < 0 ? 0 : size) + 1, 1);
	vsnprintf(text, (size_t)(size < 0 ? 0 : size) + 1, format, again);
	va_end(again);
	return text;
}
