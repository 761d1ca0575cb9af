/* SPDX-License-Identifier: MIT */
#include "sinks.h"

#include <string.h>

#include "registry.h"

REGISTRY(sink, SINKS)

const struct format *sink_format(size_t i)
{
	return i < N_KINDS ? &kinds[i]->format : NULL;
}

/* Each kind begins with its format. */
static const struct sink_kind *kind_of(const struct format *format)
{
	return (const struct sink_kind *)format;
}

const struct sink_kind *sink_find(const char *format, const char *path, const struct host *host, struct error *err)
{
	const char *name;
	const struct format *found;

	if (format)
		return registry_require(&registry, format, err, "-f: no format '%s'", format);
	if (!path)
		return host && host->out_width > 0 ? &sink_table : &sink_csv;
	name = strrchr(path, '/');
	if (!strchr(name ? name : path, '.'))
		return &sink_csv;       /* as on standard output: /dev/null */
	found = format_of_path(sink_format, path);
	if (!found)
		error_set(err, STATUS_USAGE, "%s: the ending names no format (say which with -f: %s --help lists them)", path, host_program(host));
	return kind_of(found);
}
