/* SPDX-License-Identifier: MIT */
#include "sinks.h"

#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "memory.h"
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

/* A packed file, in whatever format: who packs it. */
static void refuse_packed(const char *path, const struct format *format, const struct host *host, struct error *err)
{
	const char *packer = file_packer(path);
	char *inner = mem_text_n(path, (size_t)(strrchr(path, '.') - path));

	format = format ? format : format_of_path(sink_format, inner);
	error_set(err, STATUS_USAGE, "%s: no file is packed here (%s -f %s | %s >%s%s)", path, host_command(host), format ? format->name : sink_csv.format.name,
	          packer, path, strcmp(packer, "zip") == 0 ? " -" : "");
	free(inner);
}

const struct sink_kind *sink_find(const char *format, const char *path, const struct host *host, struct error *err)
{
	const struct sink_kind *named = format ? registry_require(&registry, format, err, "-f: no format '%s'", format) : NULL;
	const char *name;
	const struct format *found;

	if (format && !named)
		return NULL;
	if (path && file_packer(path)) {
		refuse_packed(path, named ? &named->format : NULL, host, err);
		return NULL;
	}
	if (named)
		return named;
	if (!path)
		return host && host->out_width > 0 ? &sink_table : &sink_csv;
	name = strrchr(path, '/');
	if (!strchr(name ? name : path, '.'))
		return &sink_csv;       /* as on standard output: /dev/null */
	found = format_of_path(sink_format, path);
	if (!found)
		error_set(err, STATUS_USAGE, "%s: the ending names no format (say which with -f: %s --help lists them)", path, host_command(host));
	return kind_of(found);
}
