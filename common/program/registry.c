/* SPDX-License-Identifier: MIT */
#include "registry.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

static const char *name_at(const void *members, size_t i)
{
	return *(const char *const *)((const void *const *)members)[i];
}

const void *registry_find(const struct registry *registry, const char *name)
{
	for (size_t i = 0; i < registry->n; i++)
		if (strcmp(name_at(registry->members, i), name) == 0)
			return registry->members[i];
	return NULL;
}

const void *registry_require(const struct registry *registry, const char *name, struct error *err, const char *format, ...)
{
	const void *member = registry_find(registry, name);
	char unknown[256];
	va_list list;
	const char *close;

	if (member)
		return member;
	va_start(list, format);
	vsnprintf(unknown, sizeof unknown, format, list);
	va_end(list);
	close = text_closest(name, name_at, registry->members, registry->n);
	if (close)
		error_set(err, STATUS_USAGE, "%s (did you mean '%s'?)", unknown, close);
	else
		error_set(err, STATUS_USAGE, "%s (--help lists them)", unknown);
	return NULL;
}
