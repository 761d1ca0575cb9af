/* SPDX-License-Identifier: MIT */
/*
 * Lanes with 1, 2, 3 and 5 threads over sources made by hand. A batch has rows number
 * * 8 .. number * 8 + n - 1, told by first_row alone, so that what comes out says
 * which batch it was.
 */
#define _GNU_SOURCE             /* RTLD_NEXT */
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lanes.h"
#include "unit.h"

enum { MOST_LANES = 5, GATES = 3, NEVER = -1 };
static const size_t lane_counts[] = { 1, 2, 3, MOST_LANES };
enum { N_COUNTS = 4 };

/* ---- threads that the system refuses ---- */

static atomic_int threads_left = 1 << 30;

/* Stands before the library's own. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
	int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

	*(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
	if (atomic_fetch_sub(&threads_left, 1) <= 0)
		return EAGAIN;
	return real(thread, attributes, run, argument);
}

/* ---- time ---- */

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 16;
}

static void busy(unsigned turns)
{
	for (volatile unsigned i = 0; i < turns; i++)
		;
}

static double now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- a source ---- */

struct feed {
	struct source source;
	struct header header;
	int n;                          /* batches */
	int fails, blocks;              /* with this batch it fails, or waits for a byte that never comes; NEVER */
	bool slow;                      /* some batches take their time */
	uint32_t random;
	int next;
	int cancelled[2], waits[2];     /* pipes: `cancel` was called; `next` waits for input */
	atomic_int inside;              /* threads in `next` */
};

/* Batches with number % 4 == 3 have no rows. */
static size_t rows_of(int number) { return number % 4 == 3 ? 0 : 1 + (size_t)number % 3; }

static void ring(const int bell[2]) { CHECK(write(bell[1], "", 1) == 1); }

/* Waits for it, but not forever. It stays rung. */
static bool rang(const int bell[2])
{
	struct pollfd poll_of = { .fd = bell[0], .events = POLLIN };

	return poll(&poll_of, 1, 20000) == 1;
}

static int feed_next(void *state, struct batch *to, bool now, struct error *err)
{
	struct feed *feed = state;
	int number = feed->next;
	bool alone = atomic_fetch_add(&feed->inside, 1) == 0;

	(void)now;
	batch_clear(to);
	CHECK(alone);
	if (feed->slow && next_random(&feed->random) % 4 == 0)
		busy(next_random(&feed->random) % 20000);
	if (number == feed->blocks) {
		ring(feed->waits);
		CHECK(rang(feed->cancelled));
		error_set(err, STATUS_INTERRUPT, "cancelled");
	} else if (number == feed->fails) {
		error_set(err, STATUS_UPSTREAM, "source %d", number);
	} else if (number < feed->n) {
		feed->next++;
		batch_start(to, NULL, &feed->header.schema, rows_of(number));
		to->first_row = (uint64_t)number * 8;
	}
	atomic_fetch_sub(&feed->inside, 1);
	return err->code ? -1 : number < feed->n;
}

static void feed_cancel(void *state) { ring(((struct feed *)state)->cancelled); }

static void feed_start(struct feed *feed, int n)
{
	*feed = (struct feed){ .n = n, .fails = NEVER, .blocks = NEVER };
	feed->source = (struct source){ .header = &feed->header, .next = feed_next, .cancel = feed_cancel, .state = feed };
	CHECK(pipe(feed->cancelled) == 0 && pipe(feed->waits) == 0);
}

static void feed_end(struct feed *feed)
{
	for (int end = 0; end < 2; end++) {
		close(feed->cancelled[end]);
		close(feed->waits[end]);
	}
}

/* ---- the work ---- */

struct job {
	struct feed feed;
	size_t n_lanes;
	int fails_at[2], stops_at;      /* batches whose work fails, or stops; NEVER */
	int fails_gate, stops_gate;     /* within this gate; GATES: outside of all, when all else is done */
	int give_fails;
	bool skip;                      /* some batches leave gates out */
	unsigned work;                  /* turns of a busy loop, at most */
	int slow;                       /* this one takes long; NEVER */

	atomic_int in_lane[MOST_LANES], in_gate[GATES], in_slot[MOST_LANES + 2], in_give;
	int gate_next[GATES];           /* the least number that may come now */
	int slot_holds[MOST_LANES + 2]; /* what work left for give */
	int given;                      /* batches, all of them */
	bool gave_failed;
};

/* Number of a batch out of its first row. */
static int number_of(const struct batch *batch) { return (int)(batch->first_row / 8); }

static int work_in_gate(struct job *job, size_t gate, int number, struct turn *turn, struct error *err)
{
	if (gate_enter(turn, gate) < 0)
		return -1;
	CHECK(atomic_fetch_add(&job->in_gate[gate], 1) == 0);
	CHECK(number >= job->gate_next[gate]);
	CHECK(job->skip || number == job->gate_next[gate]);
	job->gate_next[gate] = number + 1;
	if (job->stops_at == number && job->stops_gate == (int)gate)
		turn_stop(turn);
	atomic_fetch_sub(&job->in_gate[gate], 1);
	if ((job->fails_at[0] == number || job->fails_at[1] == number) && job->fails_gate == (int)gate)
		return error_set(err, STATUS_FAILED, "work %d", number);
	gate_leave(turn, gate);
	return 0;
}

static int work_on(void *state, size_t lane, size_t slot, struct batch *batch, struct turn *turn, struct error *err)
{
	struct job *job = state;
	int number = number_of(batch), result = 0;
	uint32_t random = (uint32_t)number * 2654435761u;

	CHECK(lane < job->n_lanes && slot < lanes_slots(job->n_lanes));
	CHECK(atomic_fetch_add(&job->in_lane[lane], 1) == 0);
	atomic_fetch_add(&job->in_slot[slot], 1);
	CHECK(atomic_load(&job->in_slot[slot]) == 1);
	job->slot_holds[slot] = number;
	if (job->work)
		busy(number == job->slow ? 50 * job->work : next_random(&random) % job->work);
	for (size_t gate = 0; gate < GATES && result == 0; gate++)
		if (!job->skip || next_random(&random) % 3)
			result = work_in_gate(job, gate, number, turn, err);
	if (result == 0 && (job->fails_at[0] == number || job->fails_at[1] == number) && job->fails_gate == GATES)
		result = error_set(err, STATUS_FAILED, "work %d", number);
	atomic_fetch_sub(&job->in_lane[lane], 1);
	atomic_fetch_sub(&job->in_slot[slot], 1);
	return result;
}

static int give(void *state, size_t slot, struct batch *batch, bool failed, struct error *err)
{
	struct job *job = state;
	bool alone = atomic_fetch_add(&job->in_give, 1) == 0;

	(void)batch;
	CHECK(alone && !job->gave_failed);
	CHECK(failed || job->slot_holds[slot] == job->given);
	job->gave_failed = failed;
	job->given++;
	atomic_fetch_sub(&job->in_give, 1);
	return job->given - 1 == job->give_fails ? error_set(err, STATUS_FAILED, "give %d", job->give_fails) : 0;
}

static void job_start(struct job *job, int n)
{
	*job = (struct job){ .fails_at = { NEVER, NEVER }, .stops_at = NEVER, .give_fails = NEVER, .slow = NEVER, .fails_gate = GATES };
	feed_start(&job->feed, n);
}

static struct lanes *job_lanes(struct job *job, size_t n_lanes)
{
	const struct lanes_work work = { .n_gates = GATES, .work = work_on, .give = give, .state = job };

	job->n_lanes = n_lanes;
	return lanes_new(&job->feed.source, n_lanes, &work);
}

/* How it ended: "end", "stop" or the message, and how many batches were given. */
static void tell(struct job *job, const struct lanes *lanes, int result, const struct error *err, char *to, size_t room)
{
	snprintf(to, room, "%s, %d given%s", result < 0 ? err->message : lanes_stopped(lanes) ? "stop" : "end", job->given,
	         job->gave_failed ? ", the last failed" : "");
}

/* With lanes_next: what comes out must be all batches that have rows, in order, as far as they were given. */
static void take_all(struct job *job, size_t n_lanes, char *to, size_t room)
{
	struct lanes *lanes = job_lanes(job, n_lanes);
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT, again = ERROR_INIT;
	int result, expected = 0;

	while ((result = lanes_next(lanes, &batch, true, &err)) == 1) {
		while (rows_of(expected) == 0)
			expected++;
		CHECK(number_of(&batch) == expected && batch.n_rows == rows_of(expected));
		CHECK(job->given == expected + 1);
		expected++;
	}
	tell(job, lanes, result, &err, to, room);
	CHECK(lanes_next(lanes, &batch, true, &again) == result);
	if (result < 0)
		CHECK_TEXT(again.message, err.message);
	else
		CHECK(lanes_given(lanes) == (uint64_t)job->given);
	batch_free(&batch);
	lanes_free(lanes);
	feed_end(&job->feed);
}

/* With lanes_run; `first`: so many batches with lanes_next before. */
static void run_all(struct job *job, size_t n_lanes, int first, char *to, size_t room)
{
	struct lanes *lanes = job_lanes(job, n_lanes);
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT;
	int result = 1;

	for (int i = 0; i < first && result == 1; i++)
		result = lanes_next(lanes, &batch, true, &err);
	if (result == 1)
		result = lanes_run(lanes, &err);
	tell(job, lanes, result, &err, to, room);
	batch_free(&batch);
	lanes_free(lanes);
	feed_end(&job->feed);
}

/* The same end in every way. */
static void check_job(void (*make)(struct job *), const char *expected)
{
	static struct job job;
	char told[2000];

	for (size_t i = 0; i < N_COUNTS; i++) {
		make(&job);
		take_all(&job, lane_counts[i], told, sizeof told);
		CHECK_TEXT(told, expected);
		for (int first = 0; first < 5; first += 4) {
			make(&job);
			run_all(&job, lane_counts[i], first, told, sizeof told);
			CHECK_TEXT(told, expected);
		}
	}
}

/* ---- jobs ---- */

static void plain(struct job *job) { job_start(job, 500); job->work = 2000; job->feed.slow = true; }
static void empty(struct job *job) { job_start(job, 0); }
static void single(struct job *job) { job_start(job, 1); }
static void skipping(struct job *job) { plain(job); job->skip = true; }
static void source_fails(struct job *job) { plain(job); job->feed.fails = 237; }
static void source_fails_first(struct job *job) { plain(job); job->feed.fails = 0; }
static void source_fails_second(struct job *job) { plain(job); job->feed.fails = 2; }
static void work_fails(struct job *job) { plain(job); job->fails_at[0] = 101; }
static void work_fails_first(struct job *job) { plain(job); job->fails_at[0] = 0; }
static void work_fails_in_gate(struct job *job) { work_fails(job); job->fails_gate = 1; }
/* The earlier is slower than the later one. */
static void work_fails_twice(struct job *job) { plain(job); job->fails_at[0] = 103; job->fails_at[1] = job->slow = 102; job->fails_gate = GATES; }
static void work_and_source_fail(struct job *job) { work_fails(job); job->slow = 101; job->feed.fails = 103; }
static void give_fails(struct job *job) { plain(job); job->give_fails = 77; }
static void stops(struct job *job) { plain(job); job->stops_at = 201; job->stops_gate = 1; }
static void stops_first(struct job *job) { plain(job); job->stops_at = 0; job->stops_gate = 0; }
static void stops_last(struct job *job) { plain(job); job->stops_at = 499; job->stops_gate = 2; }
static void stops_before_failure(struct job *job) { stops(job); job->fails_at[0] = 202; job->feed.fails = 204; }
static void stops_behind_failure(struct job *job) { stops(job); job->fails_at[0] = job->slow = 200; job->fails_gate = 2; }
static void stops_and_fails(struct job *job) { stops(job); job->fails_at[0] = 201; }
/* What is behind the failing or stopping batch never comes. */
static void fails_and_waits(struct job *job) { work_fails(job); job->feed.blocks = 102; }
static void stops_and_waits(struct job *job) { stops(job); job->feed.blocks = 203; }
static void give_fails_and_waits(struct job *job) { give_fails(job); job->feed.blocks = 79; }

static void test_ends(void)
{
	TEST("all batches, in order");
	check_job(plain, "end, 500 given");
	check_job(empty, "end, 0 given");
	check_job(single, "end, 1 given");
	TEST("gates that batches leave out");
	check_job(skipping, "end, 500 given");
	TEST("a source that fails");
	check_job(source_fails, "source 237, 238 given, the last failed");
	check_job(source_fails_first, "source 0, 1 given, the last failed");
	check_job(source_fails_second, "source 2, 3 given, the last failed");
	TEST("work that fails: the first in order is told");
	check_job(work_fails, "work 101, 102 given, the last failed");
	check_job(work_fails_first, "work 0, 1 given, the last failed");
	check_job(work_fails_in_gate, "work 101, 102 given, the last failed");
	check_job(work_fails_twice, "work 102, 103 given, the last failed");
	check_job(work_and_source_fail, "work 101, 102 given, the last failed");
	TEST("giving out fails");
	check_job(give_fails, "give 77, 78 given");
	TEST("a turn stops");
	check_job(stops, "stop, 202 given");
	check_job(stops_first, "stop, 1 given");
	check_job(stops_last, "stop, 500 given");
	check_job(stops_before_failure, "stop, 202 given");
	check_job(stops_behind_failure, "work 200, 201 given, the last failed");
	check_job(stops_and_fails, "work 201, 202 given, the last failed");
	TEST("nobody waits for input that is not wanted any more");
	check_job(fails_and_waits, "work 101, 102 given, the last failed");
	check_job(stops_and_waits, "stop, 202 given");
	check_job(give_fails_and_waits, "give 77, 78 given");
}

static void test_refused(void)
{
	TEST("threads are refused");
	for (int left = 0; left < 4; left++) {
		static struct job job;
		char told[2000];

		atomic_store(&threads_left, left);
		plain(&job);
		take_all(&job, MOST_LANES, told, sizeof told);
		CHECK_TEXT(told, "end, 500 given");
		atomic_store(&threads_left, left);
		plain(&job);
		run_all(&job, MOST_LANES, 0, told, sizeof told);
		CHECK_TEXT(told, "end, 500 given");
		atomic_store(&threads_left, left);
		work_fails_twice(&job);
		run_all(&job, MOST_LANES, 0, told, sizeof told);
		CHECK_TEXT(told, "work 102, 103 given, the last failed");
	}
	atomic_store(&threads_left, 1 << 30);
}

/* Freed after `taken` batches, while lanes work, wait at gates, for room, or for input that never comes. */
static void free_early(size_t n_lanes, int taken, int blocks)
{
	static struct job job;
	struct batch batch = BATCH_INIT;
	struct error err = ERROR_INIT;
	struct lanes *lanes;
	double start;

	plain(&job);
	job.feed.blocks = blocks;
	lanes = job_lanes(&job, n_lanes);
	for (int i = 0; i < taken; i++)
		CHECK(lanes_next(lanes, &batch, false, &err) == 1);
	CHECK(n_lanes == 1 || blocks == NEVER || rang(job.feed.waits));
	start = now_seconds();
	lanes_free(lanes);
	CHECK(now_seconds() - start < 5);
	batch_free(&batch);
	feed_end(&job.feed);
}

static void test_free(void)
{
	TEST("freed early");
	lanes_free(NULL);
	for (size_t i = 0; i < N_COUNTS; i++)
		for (int taken = 0; taken < 8; taken++)
			free_early(lane_counts[i], taken, NEVER);
	TEST("freed while a lane waits for input that never comes");
	for (size_t i = 0; i < N_COUNTS; i++)
		for (int taken = 3; taken < 5; taken++)         /* 0, 1, 2 and 4 have rows */
			free_early(lane_counts[i], taken, 5);
	TEST("a batch that is done comes out while the next one does not come");
	for (size_t i = 1; i < N_COUNTS; i++)
		free_early(lane_counts[i], 9, 12);      /* all that have rows of 0 .. 11 */
}

/* Tiny work, many times. */
static void test_often(void)
{
	static struct job job;
	char told[2000];
	uint32_t random = 1;
	double until = now_seconds() + 8;
	int i;

	TEST("many small runs");
	for (i = 0; i < 4000 && now_seconds() < until; i++) {
		size_t n_lanes = lane_counts[i % N_COUNTS];
		int n = (int)(next_random(&random) % 24), at = (int)(next_random(&random) % 24);
		char expected[100];

		job_start(&job, n);
		job.skip = i % 3 == 0;
		job.work = i % 5 == 0 ? 300 : 0;
		snprintf(expected, sizeof expected, "end, %d given", n);
		if (at < n && i % 4 == 1) {
			job.fails_at[0] = at;
			snprintf(expected, sizeof expected, "work %d, %d given, the last failed", at, at + 1);
		} else if (at < n && i % 4 == 2 && !job.skip) {
			job.stops_at = at;
			job.stops_gate = i % GATES;
			job.feed.blocks = at + 1;
			snprintf(expected, sizeof expected, "stop, %d given", at + 1);
		}
		if (i / N_COUNTS % 2)
			take_all(&job, n_lanes, told, sizeof told);
		else
			run_all(&job, n_lanes, 0, told, sizeof told);
		CHECK_TEXT(told, expected);
	}
	TEST("many batches");
	for (size_t k = 0; k < N_COUNTS; k++) {
		job_start(&job, 20000);
		run_all(&job, lane_counts[k], 0, told, sizeof told);
		CHECK_TEXT(told, "end, 20000 given");
		job_start(&job, 20000);
		take_all(&job, lane_counts[k], told, sizeof told);
		CHECK_TEXT(told, "end, 20000 given");
	}
}

int main(void)
{
	alarm(120);             /* a wake-up that is lost */
	test_ends();
	test_refused();
	test_free();
	test_often();
	return unit_done();
}
