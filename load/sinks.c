/* SPDX-License-Identifier: MIT */
#include "sinks.h"

#include <stdlib.h>
#include <string.h>

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

/* No ending names a format: a packed one says who packs. */
static void refuse_ending(const char *path, const struct host *host, struct error *err)
{
	static const struct { const char *ending, *packer; } packed[] = {
		{ ".gz", "gzip" }, { ".zst", "zstd" }, { ".xz", "xz" }, { ".bz2", "bzip2" }, { ".lz4", "lz4" },
	};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; i < sizeof packed / sizeof *packed; i++) {
		const struct format *inner;
		char *name;

		if (strcmp(dot, packed[i].ending) != 0)
			continue;
		name = mem_text_n(path, (size_t)(dot - path));
		inner = format_of_path(sink_format, name);
		error_set(err, STATUS_USAGE, "%s: no file is packed here (%s -f %s | %s >%s)", path, host_program(host), inner ? inner->name : sink_csv.format.name,
			  packed[i].packer, path);
		free(name);
		return;
	}
	error_set(err, STATUS_USAGE, "%s: the ending names no format (say which with -f: %s --help lists them)", path, host_program(host));
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
		refuse_ending(path, host, err);
	return kind_of(found);
}
