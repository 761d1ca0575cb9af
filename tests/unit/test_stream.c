/* SPDX-License-Identifier: MIT */
/* The stream through its reader and writer: what is written comes back in any portions; what is cut or changed is refused. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "message.h"
#include "unit.h"

#include "sample.h"
#include "stream_bench.h"

/* ---- whole streams ---- */

static void check_end(const struct end *end, uint64_t rows)
{
	struct buffer text = BUFFER_INIT;
	const struct tally *counts;

	CHECK(end->rows == rows && !end->partial && end->n_stages == 1);
	if (end->n_stages != 1)
		return;
	CHECK_TEXT(end->stages[0].program, "extract");
	CHECK(end->stages[0].rows_in == 50 && end->stages[0].rows_out == 48 && end->stages[0].rejected == 1 && end->stages[0].seconds == 0.25);
	CHECK(end->stages[0].dropped.n == 1 && end->stages[0].dropped.items[0].count == 2);
	CHECK_TEXT(end->stages[0].dropped.items[0].what, "broken row");
	counts = &end->stages[0].counts;
	CHECK(counts->n == 2 && counts->items[0].count == 7 && counts->items[1].count == 1);
	CHECK_TEXT(counts->items[0].step, "impute km median");
	CHECK_TEXT(counts->items[0].what, "filled");
	CHECK_TEXT(counts->items[0].field, "km");
	for (size_t i = 0; i < 2; i++) {
		tally_item_print(&counts->items[i], &text);
		buffer_add_text(&text, "; ");
		tally_item_print_within(&counts->items[i], &text);
		buffer_add_text(&text, "; ");
	}
	CHECK_TEXT(buffer_text(&text), "impute km median: km filled; km filled; km: filled; km filled; ");
	buffer_free(&text);
}

static void test_header(struct bench *bench)
{
	struct buffer bytes = BUFFER_INIT, lines = BUFFER_INIT, rows = BUFFER_INIT;
	struct source source;
	struct header header;
	struct error err = ERROR_INIT;

	TEST("header and end come back");
	write_sample(bench, 0, 40, 3, &bytes, &lines);
	bench_give(bench, bytes.data, bytes.size);
	sample_header(&header);
	CHECK(reader_open(&source, bench->fd, "test", NULL, &err) == 0);
	CHECK(schema_compare(source.header->schema.n_fields ? &source.header->schema : NULL, &header.schema, &err) == 0);
	CHECK(lineage_compare(&source.header->lineage, &header.lineage, &err) == 0);
	CHECK_TEXT(source.header->source, "sample.csv");
	CHECK_TEXT(source.header->schema.fields[1].unit, "km");
	CHECK_TEXT(source.header->schema.fields[3].form, "%Y-%m-%d");
	CHECK(reader_has_header(&source) && !reader_model(&source));
	CHECK(sample_read(&source, &rows, &err) == 0);
	CHECK(sample_same(&rows, &lines));
	check_end(source.end(source.state), 120);
	source_close(&source);
	source_close(&source);
	header_release(&header);
	buffer_free(&bytes);
	buffer_free(&lines);
	buffer_free(&rows);
}

static void test_portions(struct bench *bench)
{
	struct buffer bytes = BUFFER_INIT, lines = BUFFER_INIT, rows = BUFFER_INIT;
	struct error err = ERROR_INIT;

	for (int flags = 0; flags <= WRITE_RECORDS; flags++) {
		TEST(flags ? "records in portions of any size" : "batches in portions of any size");
		buffer_clear(&lines);
		write_sample(bench, flags, 9, 3, &bytes, &lines);
		for (size_t size = 1; size <= bytes.size; size++) {
			CHECK(read_bytes(bench, bytes.data, bytes.size, size, &rows, &err) == 0);
			CHECK(sample_same(&rows, &lines));
		}
	}
	buffer_free(&bytes);
	buffer_free(&lines);
	buffer_free(&rows);
}

/* More than a pipe holds, while the writer still writes. */
static void test_pipe(void)
{
	struct buffer lines = BUFFER_INIT, rows = BUFFER_INIT;
	struct header header;
	struct batch batch = BATCH_INIT;
	struct source source;
	struct error err = ERROR_INIT;
	enum { N = 5 };
	int ends[2], status;
	pid_t child;

	TEST("large batches through a pipe");
	sample_header(&header);
	CHECK(pipe(ends) == 0);
	child = fork();
	if (child == 0) {
		struct writer *writer = writer_new(ends[1], 0, NULL);
		const struct end end = END_INIT;
		int result = writer_header(writer, &header, &err);

		for (size_t i = 0; i < N && result == 0; i++) {
			sample_batch(&batch, &header.schema, i * BATCH_ROWS, BATCH_ROWS);
			result = writer_batch(writer, &batch, &err);
		}
		_exit(result < 0 || writer_end(writer, &end, &err) < 0);
	}
	close(ends[1]);
	CHECK(reader_open(&source, ends[0], "pipe", NULL, &err) == 0 && sample_read(&source, &rows, &err) == 0);
	source_close(&source);
	close(ends[0]);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	for (size_t i = 0; i < N; i++) {
		sample_batch(&batch, &header.schema, i * BATCH_ROWS, BATCH_ROWS);
		CHECK(sample_print(&batch, &lines, &err) == 0);
	}
	CHECK(sample_same(&rows, &lines));
	batch_free(&batch);
	header_release(&header);
	buffer_free(&lines);
	buffer_free(&rows);
}

/* ---- cut and changed streams ---- */

static void test_cut(struct bench *bench)
{
	struct buffer bytes = BUFFER_INIT, lines = BUFFER_INIT, rows = BUFFER_INIT;
	struct error err = ERROR_INIT;

	for (int flags = 0; flags <= WRITE_RECORDS; flags++) {
		TEST(flags ? "records cut at every byte" : "batches cut at every byte");
		write_sample(bench, flags, 5, 2, &bytes, &lines);
		for (size_t size = 0; size < bytes.size; size++) {
			bool right = read_bytes(bench, bytes.data, size, 0, &rows, &err) < 0 && err.code == STATUS_UPSTREAM && !err.passed_on;

			if (!right)
				printf("cut at %zu of %zu: %d %s\n", size, bytes.size, err.code, err.message);
			CHECK(right);
		}
	}
	TEST("what a cut stream says");
	CHECK(read_bytes(bench, "", 0, 0, &rows, &err) < 0);
	CHECK_TEXT(err.message, "test is empty: was it written?");
	write_sample(bench, 0, 5, 2, &bytes, &lines);
	CHECK(read_bytes(bench, bytes.data, bytes.size - 1, 0, &rows, &err) < 0);
	CHECK_TEXT(err.message, "test ends early, after 10 rows: was it written whole?");
	buffer_free(&bytes);
	buffer_free(&lines);
	buffer_free(&rows);
}

static void test_changed(struct bench *bench)
{
	static const unsigned char masks[] = { 0x01, 0x10, 0x80, 0xff };
	struct buffer bytes = BUFFER_INIT, lines = BUFFER_INIT, rows = BUFFER_INIT;
	struct error err = ERROR_INIT;

	TEST("every byte changed");
	write_sample(bench, 0, 3, 2, &bytes, &lines);
	for (size_t i = 0; i < bytes.size; i++)
		for (size_t k = 0; k < sizeof masks; k++) {
			bool refused;

			bytes.data[i] ^= masks[k];
			refused = read_bytes(bench, bytes.data, bytes.size, 0, &rows, &err) < 0 && err.code != STATUS_DONE && err.message[0];
			if (!refused)
				printf("byte %zu of %zu, mask %02x: read\n", i, bytes.size, masks[k]);
			CHECK(refused);
			bytes.data[i] ^= masks[k];
		}
	TEST("every byte of records changed: no crash");
	write_sample(bench, WRITE_RECORDS, 3, 2, &bytes, &lines);
	for (size_t i = 0; i < bytes.size; i++)
		for (size_t k = 0; k < sizeof masks; k++) {
			int result;

			bytes.data[i] ^= masks[k];
			result = read_bytes(bench, bytes.data, bytes.size, 0, &rows, &err);
			CHECK((result == 0) == (err.code == STATUS_DONE));
			bytes.data[i] ^= masks[k];
		}
	buffer_free(&bytes);
	buffer_free(&lines);
	buffer_free(&rows);
}

/* ---- messages that other programs write ---- */

static void test_records(struct bench *bench)
{
	struct buffer bytes = BUFFER_INIT, rows = BUFFER_INIT;
	struct source source;
	struct error err = ERROR_INIT;

	TEST("records of a script: keys in any order, absent, whole reals for ints, times as text");
	put_header(&bytes);
	pack_map(&bytes, 4);
	pack_key_text(&bytes, "city", "Faro");
	pack_key_real(&bytes, "id", 7.0);
	pack_key_int(&bytes, "km", 3);
	pack_key_text(&bytes, "when", "2024-02-29");
	pack_map(&bytes, 1);
	pack_text(&bytes, "minutes");
	pack_nil(&bytes);
	put_end(&bytes, 2);
	CHECK(read_bytes(bench, bytes.data, bytes.size, 0, &rows, &err) == 0);
	CHECK_TEXT(buffer_text(&rows), "7|3.0|~|2024-02-29|Faro|~|~\n~|~|~|~|~|~|~\n");

	TEST("a field that the header lacks is foreign");
	buffer_clear(&bytes);
	buffer_clear(&rows);
	put_header(&bytes);
	pack_map(&bytes, 2);
	pack_key_int(&bytes, "id", 1);
	pack_key_int(&bytes, "speed", 12);
	pack_map(&bytes, 2);
	pack_key_int(&bytes, "id", 2);
	pack_key_real(&bytes, "speed", 12.5);
	put_end(&bytes, 2);
	bench_give(bench, bytes.data, bytes.size);
	CHECK(reader_open(&source, bench->fd, "test", NULL, &err) == 0);
	CHECK(source.header->schema.n_fields == 8);
	CHECK_TEXT(source.header->schema.fields[7].name, "speed");
	CHECK(source.header->schema.fields[7].type == TYPE_REAL && source.header->schema.fields[7].role == ROLE_FEATURE);
	CHECK(source.header->lineage.n_entries == 2 && source.header->lineage.entries[1].units[0].foreign);
	CHECK(sample_read(&source, &rows, &err) == 0);
	CHECK_TEXT(buffer_text(&rows), "1|~|~|~|~|~|~|12.0\n2|~|~|~|~|~|~|12.5\n");
	source_close(&source);
	buffer_free(&bytes);
	buffer_free(&rows);
}

static void refuse_record(struct bench *bench, const char *key, void (*value)(struct buffer *to), const char *message)
{
	struct buffer bytes = BUFFER_INIT, rows = BUFFER_INIT;
	struct error err = ERROR_INIT;

	put_header(&bytes);
	pack_map(&bytes, 1);
	pack_text(&bytes, key);
	value(&bytes);
	put_end(&bytes, 1);
	CHECK(read_bytes(bench, bytes.data, bytes.size, 0, &rows, &err) < 0 && err.code == STATUS_FAILED);
	CHECK_TEXT(err.message, message);
	buffer_free(&bytes);
	buffer_free(&rows);
}

static void put_text(struct buffer *to) { pack_text(to, "seven"); }
static void put_half(struct buffer *to) { pack_real(to, 0.5); }
static void put_nan(struct buffer *to) { pack_real(to, NAN); }
static void put_latin(struct buffer *to) { pack_text_n(to, "caf\xe9", 4); }
static void put_list(struct buffer *to) { pack_array(to, 0); }
/* 1970-01-01 and 10^9 nanoseconds: a second has one less. */
static void put_second(struct buffer *to) { buffer_add(to, "\xd7\xff\xee\x6b\x28\x00\x00\x00\x00\x00", 10); }

static void test_bad_records(struct bench *bench)
{
	TEST("values that don't fit");
	refuse_record(bench, "id", put_text, "test: row 0: field 'id' is int: the record holds something else");
	refuse_record(bench, "id", put_half, "test: row 0: field 'id' is int: the record holds something else");
	refuse_record(bench, "km", put_nan, "test: row 0: field 'km' is real: the record holds something else");
	refuse_record(bench, "when", put_text, "test: row 0: field 'when' is time: the record holds something else");
	refuse_record(bench, "when", put_second, "test: row 0: field 'when' is time: the record holds something else");
	refuse_record(bench, "city", put_half, "test: row 0: field 'city' is text: the record holds something else");
	refuse_record(bench, "city", put_latin, "test: row 0: field 'city': text that is not UTF-8");
	refuse_record(bench, "new", put_list, "test: field 'new' holds a list or a map");
}

static void test_strange_input(struct bench *bench)
{
	struct buffer bytes = BUFFER_INIT, lines = BUFFER_INIT;
	struct end end = { .rows = 4 };
	struct buffer proven = BUFFER_INIT;
	struct error err = ERROR_INIT;
	struct source source;
	unsigned char *format;

	TEST("text instead of a stream");
	buffer_add_text(&bytes, "km,minutes\n1,5\n");
	refuse(bench, &bytes, STATUS_FAILED, "test is not a stream, it looks like text");
	TEST("records without a header");
	buffer_clear(&bytes);
	pack_map(&bytes, 1);
	pack_key_int(&bytes, "km", 1);
	refuse(bench, &bytes, STATUS_FAILED, "test holds records without a header");
	TEST("other bytes");
	buffer_clear(&bytes);
	buffer_add(&bytes, "\x1f\x8b\x08\x00\x00", 5);
	refuse(bench, &bytes, STATUS_FAILED, "test is not a stream");
	TEST("an end where the header should be");
	buffer_clear(&bytes);
	put_end(&bytes, 0);
	refuse(bench, &bytes, STATUS_UPSTREAM, "test: a stream that does not begin with its header");
	TEST("a newer format");
	buffer_clear(&bytes);
	put_header(&bytes);
	format = memchr(bytes.data, STREAM_FORMAT, bytes.size);  /* no byte before it is 2 */
	CHECK(format && memcmp(format - 6, "format", 6) == 0);
	*format = STREAM_FORMAT + 1;
	refuse(bench, &bytes, STATUS_REQUIREMENT, "test: a stream of format 3, made by a newer Millrace (this one reads format 2: update it)");
	TEST("an older format");
	*format = STREAM_FORMAT - 1;
	refuse(bench, &bytes, STATUS_REQUIREMENT, "test: a stream of format 1, from before the first release of Millrace: make it anew");
	TEST("batches whose end has no check");
	write_sample(bench, 0, 4, 1, &bytes, &lines);
	sample_stage(&end);
	end_pack(&end, &proven);
	bytes.size -= proven.size + CHECK_SIZE;
	put_end(&bytes, 4);
	refuse(bench, &bytes, STATUS_UPSTREAM, "test: an end without a check");
	end_release(&end);
	TEST("an end without a row before it, whose check has another key, or is no number");
	buffer_clear(&bytes);
	put_header(&bytes);
	put_end(&bytes, 0);
	bench_give(bench, bytes.data, bytes.size);
	CHECK(reader_open(&source, bench->fd, "test", NULL, &err) == 0 && sample_read(&source, &lines, &err) == 0);
	source_close(&source);
	bytes.data[bytes.size - 2] ^= 1;
	refuse(bench, &bytes, STATUS_UPSTREAM, "test: an end without a check");
	bytes.data[bytes.size - 2] ^= 1;
	bytes.data[bytes.size - 1] = 0xc3;
	refuse(bench, &bytes, STATUS_UPSTREAM, "test: broken end: a check that is no number");
	buffer_free(&proven);
	buffer_free(&bytes);
	buffer_free(&lines);
}

/* ---- several streams, errors, models ---- */

static void test_concatenated(struct bench *bench)
{
	struct buffer one = BUFFER_INIT, two = BUFFER_INIT, lines = BUFFER_INIT, rows = BUFFER_INIT;
	struct source source;
	struct header header;
	struct error err = ERROR_INIT;
	const struct end *end;

	TEST("streams behind each other are one");
	write_sample(bench, 0, 4, 2, &one, &lines);
	write_sample(bench, 0, 4, 2, &two, &lines);
	buffer_add(&two, one.data, one.size);
	bench_give(bench, two.data, two.size);
	CHECK(reader_open(&source, bench->fd, "test", NULL, &err) == 0 && sample_read(&source, &rows, &err) == 0);
	CHECK(sample_same(&rows, &lines));
	end = source.end(source.state);
	CHECK(end->rows == 16 && end->n_stages == 1 && end->stages[0].rows_in == 100 && end->stages[0].dropped.items[0].count == 4);
	source_close(&source);

	TEST("streams of other fields or another fitted state are not");
	for (int other = 0; other < 2; other++) {
		struct writer *writer = bench_writer(bench, 0);
		const struct end none = END_INIT;
		struct buffer ignored = BUFFER_INIT;

		sample_header(&header);
		if (other == 0) {
			schema_rename(&header.schema, 1, "miles");
		} else {
			struct unit *unit = &header.lineage.entries[0].units[0];
			struct buffer state = BUFFER_INIT;

			pack_map(&state, 1);
			pack_key_real(&state, "mean", 3.5);
			unit_set_state(unit, &state);
			unit_seal(unit);
		}
		error_clear(&err);
		CHECK(writer_header(writer, &header, &err) == 0 && writer_end(writer, &none, &err) == 0);
		bench_take(bench, &two);
		buffer_clear(&rows);
		buffer_add(&rows, one.data, one.size);
		buffer_add(&rows, two.data, two.size);
		CHECK(read_bytes(bench, rows.data, rows.size, 0, &ignored, &err) < 0 && err.code == STATUS_FAILED);
		CHECK(strncmp(err.message, "test: the streams do not continue each other: ", 46) == 0);
		CHECK(strstr(err.message, other ? "scale km" : "miles"));
		buffer_free(&ignored);
		header_release(&header);
		writer_free(writer);
	}
	buffer_free(&one);
	buffer_free(&two);
	buffer_free(&lines);
	buffer_free(&rows);
}

static void test_errors(struct bench *bench)
{
	struct buffer bytes = BUFFER_INIT, rows = BUFFER_INIT;
	struct writer *writer = bench_writer(bench, 0);
	struct error failed = ERROR_INIT, err = ERROR_INIT;
	struct buffer message = BUFFER_INIT;
	struct error passed;

	TEST("an error comes down instead of the end");
	error_set(&failed, STATUS_REQUIREMENT, "column 'km': not a number");
	writer_fail(writer, &failed);
	bench_take(bench, &bytes);
	CHECK(read_bytes(bench, bytes.data, bytes.size, 0, &rows, &err) < 0);
	CHECK(err.code == STATUS_UPSTREAM && err.passed_on);
	CHECK_TEXT(err.message, "column 'km': not a number");
	CHECK_TEXT(err.program, "millrace");
	TEST("and further down, with the program that failed, behind a header and rows");
	passed = err;
	snprintf(passed.program, sizeof passed.program, "extract");
	buffer_clear(&rows);
	write_sample(bench, 0, 3, 1, &bytes, &rows);
	bytes.size /= 2;                /* in the middle of a message no error can be read */
	writer_fail(writer, &passed);
	bench_take(bench, &message);
	buffer_add(&bytes, message.data, message.size);
	CHECK(read_bytes(bench, bytes.data, bytes.size, 0, &rows, &err) < 0 && err.code != STATUS_DONE);
	buffer_clear(&bytes);
	put_header(&bytes);
	buffer_add(&bytes, message.data, message.size);
	CHECK(read_bytes(bench, bytes.data, bytes.size, 0, &rows, &err) < 0 && err.passed_on && err.code == STATUS_UPSTREAM);
	CHECK_TEXT(err.program, "extract");
	CHECK_TEXT(err.message, "column 'km': not a number");
	buffer_free(&message);
	buffer_free(&bytes);
	buffer_free(&rows);
	writer_free(writer);
}

/* A disk that is full within the header, and has room again. */
static void test_full(struct bench *bench)
{
	struct buffer bytes = BUFFER_INIT, rows = BUFFER_INIT;
	struct writer *writer = bench_writer(bench, 0);
	struct error err = ERROR_INIT;
	struct rlimit limit;
	struct header header;
	rlim_t was;

	TEST("where a write failed nothing follows: the input is cut short");
	sample_header(&header);
	CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0);
	was = limit.rlim_cur;
	limit.rlim_cur = 20;
	CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0 && writer_header(writer, &header, &err) < 0 && err.code == STATUS_FAILED);
	limit.rlim_cur = was;
	CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	writer_fail(writer, &err);
	bench_take(bench, &bytes);
	CHECK(bytes.size == 20);
	CHECK(read_bytes(bench, bytes.data, bytes.size, 0, &rows, &err) < 0 && err.code == STATUS_UPSTREAM && !err.passed_on);
	header_release(&header);
	writer_free(writer);
	buffer_free(&bytes);
	buffer_free(&rows);
}

static bool same_model(const struct source *source, const struct bytes *map)
{
	const struct bytes *model = reader_model(source);

	return model && model->size == map->size && memcmp(model->data, map->data, map->size) == 0;
}

static void test_models(struct bench *bench)
{
	struct buffer bytes = BUFFER_INIT, stream = BUFFER_INIT, lines = BUFFER_INIT, rows = BUFFER_INIT, packed = BUFFER_INIT;
	struct bytes *map;
	struct reader_options only = { .file_head = true }, alone = { .model_alone = true };
	struct writer *writer = bench_writer(bench, 0);
	struct source source;
	struct error err = ERROR_INIT;
	size_t model_size;

	TEST("a model before the header");
	pack_map(&packed, 3);
	pack_key_int(&packed, "format", MODEL_FORMAT);
	pack_key_text(&packed, "kind", "linear");
	pack_key_check(&packed, 0);
	map = bytes_of(&packed);
	CHECK(writer_model(writer, map, &err) == 0);
	bench_take(bench, &bytes);
	model_size = bytes.size;
	write_sample(bench, 0, 4, 2, &stream, &lines);
	buffer_add(&bytes, stream.data, stream.size);
	bench_give(bench, bytes.data, bytes.size);
	CHECK(reader_open(&source, bench->fd, "test", NULL, &err) == 0);
	CHECK(same_model(&source, map));
	CHECK(sample_read(&source, &rows, &err) == 0 && sample_same(&rows, &lines));
	source_close(&source);
	TEST("a model alone");
	CHECK(read_bytes(bench, bytes.data, model_size, 0, &rows, &err) < 0 && err.code == STATUS_UPSTREAM);
	bench_give(bench, bytes.data, model_size);
	error_clear(&err);
	CHECK(reader_open(&source, bench->fd, "test", &alone, &err) == 0);
	CHECK(same_model(&source, map) && !reader_has_header(&source));
	source_close(&source);
	TEST("of a model file the rest is proven, too");
	for (size_t size = model_size; size <= bytes.size; size++) {
		bool whole = size == model_size || size == bytes.size;

		bench_give(bench, bytes.data, size);
		error_clear(&err);
		CHECK((reader_open(&source, bench->fd, "test", &only, &err) == 0) == whole);
		CHECK(!whole || same_model(&source, map));
		source_close(&source);
	}
	for (size_t at = 0; at < bytes.size; at++) {
		bytes.data[at] ^= 0x10;
		bench_give(bench, bytes.data, bytes.size);
		error_clear(&err);
		CHECK(reader_open(&source, bench->fd, "test", &only, &err) < 0);
		bytes.data[at] ^= 0x10;
	}
	TEST("a model behind the header is out of order");
	buffer_add(&stream, bytes.data, model_size);
	CHECK(read_bytes(bench, stream.data, stream.size, 0, &rows, &err) < 0 && err.code == STATUS_UPSTREAM);
	buffer_free(&bytes);
	buffer_free(&stream);
	buffer_free(&lines);
	buffer_free(&rows);
	bytes_drop(map);
	writer_free(writer);
}

static void test_output_fails(void)
{
	struct header header;
	struct error err = ERROR_INIT;
	int full = open("/dev/full", O_WRONLY), ends[2];
	struct writer *writer = writer_new(full, 0, NULL);

	TEST("a full disk");
	sample_header(&header);
	CHECK(writer_header(writer, &header, &err) < 0 && err.code == STATUS_FAILED);
	CHECK_TEXT(err.message, "write failed: No space left on device");
	writer_free(writer);
	close(full);
	TEST("a reader that went away");
	error_clear(&err);
	CHECK(pipe(ends) == 0);
	close(ends[0]);
	writer = writer_new(ends[1], 0, NULL);
	CHECK(writer_header(writer, &header, &err) < 0 && err.code == STATUS_PIPE);
	writer_free(writer);
	close(ends[1]);
	header_release(&header);
}

int main(void)
{
	struct bench bench = bench_new();

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	test_header(&bench);
	test_portions(&bench);
	test_pipe();
	test_cut(&bench);
	test_changed(&bench);
	test_records(&bench);
	test_bad_records(&bench);
	test_strange_input(&bench);
	test_concatenated(&bench);
	test_errors(&bench);
	test_full(&bench);
	test_models(&bench);
	test_output_fails();
	fclose(bench.file);
	return unit_done();
}
