/* SPDX-License-Identifier: MIT */
/* What stream.5 forbids is refused, and in words. */
#include <string.h>

#include "stream_bench.h"

/* The sample's header, whose unit of km is replaced. */
static void put_unit(struct buffer *to, const char *unit, size_t size)
{
	struct header header;

	sample_header(&header);
	for (size_t col = 0; col < header.schema.n_fields; col++)
		schema_set_unit(&header.schema, col, "UNIT");
	pack_array(to, 2);
	pack_text(to, "header");
	header_pack(&header, to);
	to->size -= strlen("\xa5" "check") + CHECK_SIZE;          /* it goes without: a map of one pair less */
	to->data[8]--;
	for (size_t at = 0; at + 4 < to->size; at++)
		if (memcmp(to->data + at, "UNIT", 4) == 0)
			memcpy(to->data + at, unit, size);
	header_release(&header);
}

/* A batch of n rows of the sample as a message, out of a stream that was written. */
static void put_batch(struct bench *bench, struct buffer *to, size_t n)
{
	struct buffer whole = BUFFER_INIT, lines = BUFFER_INIT;
	size_t from = 0, end;

	write_sample(bench, 0, n, 1, &whole, &lines);
	while (memcmp(whole.data + from, "\x93\xa5" "batch", 7) != 0)
		from++;
	for (end = from; memcmp(whole.data + end, "\x92\xa3" "end", 5) != 0; )
		end++;
	buffer_add(to, whole.data + from, end - from);
	buffer_free(&whole);
	buffer_free(&lines);
}

static void test_forbidden(struct bench *bench)
{
	struct buffer bytes = BUFFER_INIT;

	TEST("a plain record among batches proves none of them");
	for (int record_first = 0; record_first < 2; record_first++) {
		buffer_clear(&bytes);
		put_header(&bytes);
		for (int i = 0; i < 2; i++) {
			if (i != record_first)
				put_batch(bench, &bytes, 3);
			else
				pack_map(&bytes, 0);
		}
		put_end(&bytes, 4);
		refuse(bench, &bytes, STATUS_UPSTREAM, "test: an end without a check");
	}
	TEST("a unit that is no UTF-8");
	buffer_clear(&bytes);
	put_unit(&bytes, "m\xb2  ", 4);
	put_end(&bytes, 0);
	refuse(bench, &bytes, STATUS_FAILED, "test: broken header: field 'id' has a unit, form or role that is no text");
	TEST("rows without a byte");
	buffer_clear(&bytes);
	buffer_add(&bytes, "\x92\xa6header\x83\xa6" "format\x02\xa6" "fields\x90\xa7lineage\x82\xa6inputs\x90\xa5steps\x90", 49);
	buffer_add(&bytes, "\x93\xa5" "batch\x82\xa4rows\xce\x04\x00\x00\x00\xa7" "columns\x90\xc4\x00", 29);
	refuse(bench, &bytes, STATUS_FAILED, "test: broken batch: rows or columns");
	TEST("a message of a kind that format 2 does not have, before, among and behind the rows");
	for (int place = 0; place < 3; place++) {
		buffer_clear(&bytes);
		for (int i = 0; i < 4; i++) {
			if (i == place + (place > 0)) {
				pack_array(&bytes, 2);
				pack_text(&bytes, "note");
				pack_map(&bytes, 0);
			}
			if (i == 0)
				put_header(&bytes);
			else if (i < 3)
				put_batch(bench, &bytes, 3);
		}
		refuse(bench, &bytes, place == 0 ? STATUS_FAILED : STATUS_UPSTREAM, place == 0 ? "test is not a stream" :
			place == 1 ? "test: broken stream after 3 rows" : "test: broken stream after 6 rows");
	}
	TEST("format 0");
	buffer_clear(&bytes);
	buffer_add(&bytes, "\x92\xa6header\x83\xa6" "format\x00\xa6" "fields\x90\xa7lineage\x82\xa6inputs\x90\xa5steps\x90", 49);
	refuse(bench, &bytes, STATUS_REQUIREMENT, "test: a stream of format 0, from before the first release of Millrace: make it anew");
	buffer_free(&bytes);
}

int main(void)
{
	struct bench bench = bench_new();

	test_forbidden(&bench);
	fclose(bench.file);
	return unit_done();
}
