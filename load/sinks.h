/* SPDX-License-Identifier: MIT */
/* The list of sinks, in the order in which help and manual show them. A new sink is its file and a line here. */
#ifndef SINKS_H
#define SINKS_H

#define SINKS(sink) \
	sink(csv) \
	sink(tsv) \
	sink(jsonl) \
	sink(msgpack) \
	sink(table)

#endif
