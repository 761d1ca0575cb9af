/* SPDX-License-Identifier: MIT */
/* Bookmarks by source: over the wire, joined where streams stand behind each other, gone where a stage stopped early. */
#include <stdlib.h>
#include <unistd.h>

#include "memory.h"
#include "pack.h"
#include "sample.h"
#include "unit.h"

static bool marked(const struct end *end, const char *source, int64_t value)
{
	const struct buffer *found = bookmarks_find(&end->bookmarks, source);
	struct buffer packed = BUFFER_INIT;
	bool same;

	pack_int(&packed, value);
	same = found && found->size == packed.size && memcmp(found->data, packed.data, packed.size) == 0;
	buffer_free(&packed);
	return same;
}

static void mark(struct end *end, const char *source, int64_t value)
{
	struct buffer packed = BUFFER_INIT;

	pack_int(&packed, value);
	bookmarks_set(&end->bookmarks, source, packed.data, packed.size);
	buffer_free(&packed);
}

/* The end of streams without rows, one behind the other, as a reader gives it. */
static void through(const struct end *const *ends, size_t n, struct end *got)
{
	char path[] = "/tmp/test_bookmarks_XXXXXX";
	int fd = mkstemp(path);
	struct header header;
	struct source source;
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT;

	unlink(path);
	sample_header(&header);
	for (size_t i = 0; i < n; i++) {
		struct writer *writer = writer_new(fd, 0, NULL);

		CHECK(writer_header(writer, &header, &err) == 0 && writer_end(writer, ends[i], &err) == 0);
		writer_free(writer);
	}
	lseek(fd, 0, SEEK_SET);
	CHECK(reader_open(&source, fd, "test", NULL, &err) == 0 && source_next(&source, &batch, false, &err) == 0);
	end_copy(got, source.end(source.state));
	source_close(&source);
	header_release(&header);
	close(fd);
}

int main(void)
{
	struct end a = END_INIT, b = END_INIT, got = END_INIT;

	mark(&a, "orders", 17);
	mark(&a, "people", 3);
	mark(&b, "orders", 39);
	mark(&b, "orders", 40);
	mark(&b, "places", 5);

	TEST("they come back");
	through((const struct end *const[]){ &a }, 1, &got);
	CHECK(got.bookmarks.sources.n == 2 && marked(&got, "orders", 17) && marked(&got, "people", 3));
	end_release(&got);

	TEST("those of streams behind each other join; a later one of the same source replaces");
	through((const struct end *const[]){ &a, &b }, 2, &got);
	CHECK(got.bookmarks.sources.n == 3 && marked(&got, "orders", 40) && marked(&got, "people", 3) && marked(&got, "places", 5));
	end_release(&got);

	TEST("a partial stream has none, alone, before or behind others, and in a copy");
	b.partial = true;
	through((const struct end *const[]){ &b }, 1, &got);
	CHECK(got.partial && got.bookmarks.sources.n == 0);
	end_release(&got);
	through((const struct end *const[]){ &b, &a }, 2, &got);
	CHECK(got.partial && got.bookmarks.sources.n == 0);
	end_release(&got);
	through((const struct end *const[]){ &a, &b }, 2, &got);
	CHECK(got.partial && got.bookmarks.sources.n == 0);
	end_release(&got);
	end_copy(&got, &b);
	CHECK(got.bookmarks.sources.n == 0);
	end_release(&got);

	end_release(&a);
	end_release(&b);
	return unit_done();
}
