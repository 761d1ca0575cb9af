/* SPDX-License-Identifier: MIT */
/* A process that a test makes up: libraries see this one only. */
#include <unistd.h>

#include "buffer.h"
#include "file.h"
#include "host.h"
#include "memory.h"
#include "progress.h"
#include "rejects.h"
#include "sample.h"
#include "spool.h"
#include "stages.h"
#include "tool.h"
#include "unit.h"

static struct buffer said, lines;
static int n_temporary;
static bool ends, asks;
static double clock_now;

static bool interrupted(void *state) { (void)state; return ends; }
static double seconds(void *state) { return *(double *)state; }
static void note(void *state, const char *text) { (void)state; buffer_format(&said, "%s\n", text); }
static void line(void *state, const char *text, bool stays) { (void)state; buffer_format(&lines, "%s%s", text, stays ? "\n" : "|"); }
static void temporary(void *state, const char *path, bool there) { (void)state, (void)path, n_temporary += there ? 1 : -1; }

static bool asked(void *state)
{
	bool once = asks;

	(void)state;
	asks = false;
	return once;
}

static void advise(void *state, enum advice advice, const char *name, struct buffer *to)
{
	(void)state;
	buffer_format(to, "%d: ask %s", (int)advice, name ? name : "anybody");
}

static struct host host = { .program = "toy", .folder = "/nowhere", .interrupted = interrupted, .asked = asked, .seconds = seconds,
                            .note = note, .line = line, .temporary = temporary, .advise = advise, .state = &clock_now };

static void test_reading(void)
{
	struct source source;
	struct error err = ERROR_INIT;
	int pipe_ends[2];

	TEST("it is to end: whoever reads gives up, though nothing comes");
	ends = true;
	CHECK(pipe(pipe_ends) == 0);
	CHECK(reader_open(&source, pipe_ends[0], "a pipe", &(struct reader_options){ .host = &host }, &err) < 0 && err.code == STATUS_INTERRUPT);
	ends = false;
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

static void test_folder(void)
{
	struct header header;
	struct batch batch = BATCH_INIT;
	struct spool *spool = spool_new(0, &host);
	struct error err = ERROR_INIT;

	TEST("a spool without a place for its file");
	sample_header(&header);
	sample_batch(&batch, &header.schema, 0, 1100);       /* shorter ones wait for others */
	CHECK(spool_add(spool, &batch, &err) < 0 && batch.n_rows == 0 && err.code == STATUS_FAILED && strstr(err.message, "/nowhere"));
	spool_free(spool);
	batch_free(&batch);
	header_release(&header);
}

static void test_files(void)
{
	struct file file;
	struct error err = ERROR_INIT;

	TEST("a file is temporary until it is there, or given up");
	CHECK(file_create(&file, "host.tmp", &host, &err) == 0 && n_temporary == 1 && strstr(file.temporary, ".host.tmp.part"));
	file_abandon(&file);
	CHECK(n_temporary == 0);
	CHECK(file_create(&file, "host.tmp", &host, &err) == 0 && file_commit(&file, &err) == 0 && n_temporary == 0);
	CHECK(unlink("host.tmp") == 0);
}

static void test_words(void)
{
	struct tally tally = { .items = NULL };
	struct progress *progress;

	TEST("remarks go to the host, and to nobody without one");
	tally_add(&tally, "not read as int", "km", 3);
	note_tally(&tally, false, &host);
	note_tally(&tally, false, NULL);
	CHECK_TEXT(buffer_text(&said), "km: not read as int: 3\n");
	tally_release(&tally);

	TEST("one remark for each kind of thing");
	buffer_clear(&said);
	for (int i = 0; i < 20; i++) {
		char field[16];

		snprintf(field, sizeof field, "c%d", i);
		tally_add(&tally, i % 2 ? "not read as int" : "not read as real", field, (uint64_t)i + 1);
	}
	tally_add(&tally, "learned from", NULL, 7);
	note_tally(&tally, false, &host);
	CHECK_TEXT(buffer_text(&said), "not read as real: c0 1, c2 3, c4 5, c6 7, c8 9, c10 11, c12 13, c14 15 and 2 more, 100 in all\n"
	           "not read as int: c1 2, c3 4, c5 6, c7 8, c9 10, c11 12, c13 14, c15 16 and 2 more, 110 in all\nlearned from: 7\n");
	buffer_clear(&said);
	note_tally(&tally, true, &host);
	CHECK(strncmp(buffer_text(&said), "c0: not read as real: 1\nc1: not read as int: 2\n", 46) == 0);
	tally_release(&tally);

	TEST("nobody watches: who asks is told once");
	progress = progress_new(0, false, &host);
	progress_phase(progress, "scanning");
	clock_now = 2;
	progress_rows(progress, 100, 0);
	asks = true;
	progress_rows(progress, 3000, 0);
	progress_rows(progress, 4000, 0);
	CHECK_TEXT(buffer_text(&lines), "scanning  3000 rows  1500 rows/s\n");
	progress_free(progress);

	TEST("somebody watches: a line that is rewritten, and goes at the end");
	buffer_clear(&lines);
	host.shows_lines = true;
	progress = progress_new(200, false, &host);
	progress_phase(progress, "reading");
	clock_now = 4;
	progress_rows(progress, 50, 50);
	progress_rows(progress, 60, 60);
	progress_free(progress);
	CHECK_TEXT(buffer_text(&lines), "reading  50 rows  25 %  25 rows/s  0:06 left||");
}

static void test_advice(void)
{
	static const struct host silent = { .program = "toy" };
	char message[sizeof ((struct error *)0)->message], expected[64];
	struct error err = ERROR_INIT;
	struct buffer text = BUFFER_INIT;

	TEST("an advice stands behind the message");
	error_set(&err, STATUS_FAILED, "km has role id");
	CHECK(host_advise(&host, ADVICE_MAKE_FEATURE, "km", &err) < 0);
	snprintf(expected, sizeof expected, "km has role id (%d: ask km)", ADVICE_MAKE_FEATURE);
	CHECK_TEXT(err.message, expected);
	error_prefix(&err, "fields");
	CHECK(strncmp(err.message, "fields: km has role id (", 24) == 0);
	error_clear(&err);

	TEST("nobody advises: the message stays");
	error_set(&err, STATUS_FAILED, "no target");
	CHECK(host_advise(NULL, ADVICE_NAME_TARGET, NULL, &err) < 0 && host_advise(&silent, ADVICE_NAME_TARGET, NULL, &err) < 0);
	CHECK(!host_advice(NULL, ADVICE_NAME_TARGET, NULL, &text) && !host_advice(&silent, ADVICE_NAME_TARGET, NULL, &text) && text.size == 0);
	CHECK_TEXT(err.message, "no target");

	TEST("nor of what another program said");
	err.passed_on = true;
	CHECK(host_advise(&host, ADVICE_NAME_TARGET, NULL, &err) < 0);
	CHECK_TEXT(err.message, "no target");
	error_clear(&err);

	TEST("an advice is there whole or not at all");
	for (size_t spare = 0; spare < 40; spare++) {
		size_t size = sizeof message - 1 - spare;

		memset(message, 'x', size);
		message[size] = '\0';
		error_set(&err, STATUS_FAILED, "%s", message);
		host_advise(&host, ADVICE_READ_TEXT, NULL, &err);
		CHECK(strlen(err.message) == (spare < strlen(" (0: ask anybody)") ? size : size + strlen(" (0: ask anybody)")));
		error_clear(&err);
	}

	TEST("our programs know what to do in each case");
	for (int i = 0; i < N_ADVICES; i++) {
		buffer_clear(&text);
		tool_advise(NULL, (enum advice)i, "km", &text);
		CHECK(text.size > 0 && !strchr(buffer_text(&text), '{'));
	}

	TEST("a name as a step within a shell's quotes has it");
	buffer_clear(&text);
	tool_advise(NULL, ADVICE_MAKE_FEATURE, "it's `b`", &text);
	CHECK_TEXT(buffer_text(&text), "transform 'role `it'\\''s ``b``` feature' makes it one");

	TEST("a step within them keeps its backquotes");
	buffer_clear(&text);
	tool_advise(NULL, ADVICE_READ_STEP, "parse `it's` as number", &text);
	CHECK_TEXT(buffer_text(&text), "transform 'parse `it'\\''s` as number' reads them");
	buffer_free(&text);
}

int main(void)
{
	test_reading();
	test_folder();
	test_files();
	test_words();
	test_advice();
	buffer_free(&said);
	buffer_free(&lines);
	return unit_done();
}
