/* SPDX-License-Identifier: MIT */
/* Jobs side by side in processes: the same outcomes for 1 to 5 of them, failures, killed ones, want of memory, a deadline, a stop, models of any size. */
#define _DEFAULT_SOURCE         /* MAP_ANONYMOUS */
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "memory.h"
#include "tune_crew.h"
#include "unit.h"

enum { N_JOBS = 40, LONG = 300000 };

static double clock_seconds(void *state)
{
	struct timespec now;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static const struct host host = { .program = "toy", .seconds = clock_seconds };

/* What a test wants of the jobs, and what was told of them. */
struct jobs {
	size_t fails, dies, starves, leaves, waits;      /* by job; N_JOBS: none */
	size_t map_size, stop_at;
	bool kills;                     /* whoever told something */
	int code;                       /* of the error behind the run */
	double score[N_JOBS];
	size_t n_of[N_JOBS], n_told, n_maps, n_ticks;
	bool failed[N_JOBS], maps_right;
	char why[N_JOBS][120];
	double best;
};

static struct bytes *make_map(size_t job, size_t size)
{
	struct buffer map = BUFFER_INIT;

	for (size_t i = 0; i < size; i++)
		buffer_add_byte(&map, (char)(job + i));
	return bytes_of(&map);
}

static int work(void *state, const struct crew_job *job, double best, struct outcome *outcome, struct bytes **map, struct error *err)
{
	const struct jobs *jobs = state;

	if (job->trial == jobs->dies)
		raise(SIGKILL);
	if (job->trial == jobs->starves)
		free(mem_array(SIZE_MAX / 4, 8));
	if (job->trial == jobs->leaves)
		_exit(3);
	while (job->trial == jobs->waits)
		pause();
	if (job->trial == jobs->fails)
		return error_set(err, STATUS_FAILED, "job %zu does not want to", job->trial);
	outcome->score = 1.0 / (double)(job->trial + 1) + job->view;
	outcome->n_rounds = (uint64_t)getpid();
	if (jobs->map_size > 0 && !(outcome->score < best))
		*map = make_map(job->trial, jobs->map_size);
	return 0;
}

static void told(void *state, const struct crew_job *job, const struct told *told, double *best)
{
	struct jobs *jobs = state;

	jobs->n_told++;
	jobs->n_of[job->trial]++;
	jobs->failed[job->trial] = told->failed;
	jobs->score[job->trial] = told->outcome.score;
	if (told->failed)
		snprintf(jobs->why[job->trial], sizeof jobs->why[0], "%s", told->why);
	if (!told->failed && !(told->outcome.score < *best))
		*best = jobs->best = told->outcome.score;
	if (jobs->kills && !told->failed)
		kill((pid_t)told->outcome.n_rounds, SIGKILL);
	if (told->map) {
		struct bytes *right = make_map(job->trial, jobs->map_size);

		jobs->n_maps++;
		jobs->maps_right = jobs->maps_right && told->map->size == right->size && memcmp(told->map->data, right->data, right->size) == 0;
		bytes_drop(right);
	}
}

static void tick(void *state) { ((struct jobs *)state)->n_ticks++; }
static bool stop(void *state) { return ((struct jobs *)state)->n_told >= ((struct jobs *)state)->stop_at; }

static int run(struct jobs *jobs, size_t n_processes, double seconds)
{
	struct crew crew = { .n_processes = n_processes, .host = &host, .deadline = clock_seconds(NULL) + seconds, .stop = stop, .work = work, .told = told,
	                     .tick = tick, .state = jobs };
	struct crew_job list[N_JOBS];
	struct error err = ERROR_INIT;
	int result;

	jobs->maps_right = true;
	for (size_t i = 0; i < N_JOBS; i++) {
		list[i] = (struct crew_job){ i, (unsigned)(i % 2) };
		jobs->score[i] = NAN;
	}
	result = crew_run(&crew, list, N_JOBS, &err);
	jobs->code = err.code;
	return result;
}

#define NO_JOBS { .fails = N_JOBS, .dies = N_JOBS, .starves = N_JOBS, .leaves = N_JOBS, .waits = N_JOBS, .stop_at = SIZE_MAX, .best = NAN }

static void test_outcomes(void)
{
	TEST("outcomes are the same for any number of processes, each told once");
	for (size_t n = 1; n <= 5; n++) {
		struct jobs jobs = NO_JOBS;

		jobs.fails = 7;
		CHECK(run(&jobs, n, 60) == 1 && jobs.n_told == N_JOBS);
		for (size_t i = 0; i < N_JOBS; i++)
			CHECK(jobs.n_of[i] == 1 && (i == 7 ? jobs.failed[i] && isnan(jobs.score[i]) : jobs.score[i] == 1.0 / (double)(i + 1) + (double)(i % 2)));
		CHECK_TEXT(jobs.why[7], "job 7 does not want to");
	}
	TEST("more processes than jobs, and no job at all");
	{
		struct jobs jobs = NO_JOBS;
		struct crew crew = { .n_processes = 3, .host = &host, .deadline = INFINITY, .work = work, .told = told, .state = &jobs };
		struct error err = ERROR_INIT;

		CHECK(run(&jobs, 200, 60) == 1 && jobs.n_told == N_JOBS);
		CHECK(crew_run(&crew, NULL, 0, &err) == 1);
	}
}

static void test_maps(void)
{
	TEST("models come whole, and only those that may be the best need to");
	for (size_t n = 1; n <= 4; n += 3) {
		struct jobs jobs = NO_JOBS;

		jobs.map_size = LONG;
		CHECK(run(&jobs, n, 60) == 1 && jobs.n_told == N_JOBS && jobs.maps_right && jobs.n_maps >= 2 && jobs.best == 1.5);
	}
}

static void test_killed(void)
{
	TEST("one that is killed is told so, is replaced, and the rest goes on");
	for (size_t n = 1; n <= 5; n++) {
		struct jobs jobs = NO_JOBS;

		jobs.dies = 3;
		CHECK(run(&jobs, n, 60) == 1 && jobs.n_told == N_JOBS && jobs.failed[3]);
		CHECK_TEXT(jobs.why[3], "its process was killed by signal 9");
		for (size_t i = 0; i < N_JOBS; i++)
			CHECK(jobs.n_of[i] == 1 && jobs.failed[i] == (i == 3));
	}
	TEST("also the last one");
	{
		struct jobs jobs = NO_JOBS;

		jobs.dies = N_JOBS - 1;
		CHECK(run(&jobs, 2, 60) == 1 && jobs.n_told == N_JOBS && jobs.failed[N_JOBS - 1]);
	}
	TEST("at any moment, also between two jobs: each is told once");
	for (size_t k = 0; k < 30; k++) {
		struct jobs jobs = NO_JOBS;
		bool once = true;

		jobs.kills = true;
		CHECK(run(&jobs, 1 + k % 3, 60) == 1 && jobs.n_told == N_JOBS && jobs.code == STATUS_DONE);
		for (size_t i = 0; i < N_JOBS; i++)
			once = once && jobs.n_of[i] == 1;
		CHECK(once);
	}
}

static void test_few(void)
{
	struct jobs some = NO_JOBS, none = NO_JOBS;
	struct rlimit before, less;
	int free_fd = dup(STDIN_FILENO);

	close(free_fd);
	getrlimit(RLIMIT_NOFILE, &before);
	less = before;
	TEST("where there are no more, one process does all, and nothing failed");
	less.rlim_cur = (rlim_t)free_fd + 2;
	CHECK(setrlimit(RLIMIT_NOFILE, &less) == 0);
	CHECK(run(&some, 3, 60) == 1 && some.n_told == N_JOBS && some.code == STATUS_DONE);
	TEST("where there is none, it is said");
	less.rlim_cur = (rlim_t)free_fd + 1;
	CHECK(setrlimit(RLIMIT_NOFILE, &less) == 0);
	CHECK(run(&none, 3, 60) == -1 && none.n_told == 0 && none.code == STATUS_FAILED);
	CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
}

/* What this program does when it ends, which none of its processes may do for it. */
static _Atomic int *n_ended;
static void end_of_program(void) { atomic_fetch_add(n_ended, 1); }

static void test_ended(void)
{
	TEST("one that runs out of memory, or ends by itself, is told so, and leaves alone what is to be done at the end of the program");
	for (size_t n = 1; n <= 3; n++) {
		struct jobs jobs = NO_JOBS;

		jobs.starves = 4;
		jobs.leaves = 20;
		CHECK(run(&jobs, n, 60) == 1 && jobs.n_told == N_JOBS);
		for (size_t i = 0; i < N_JOBS; i++)
			CHECK(jobs.n_of[i] == 1 && jobs.failed[i] == (i == 4 || i == 20));
		CHECK(strncmp(jobs.why[4], "out of memory (", 15) == 0);
		CHECK_TEXT(jobs.why[20], "its process ended with status 3");
		CHECK(atomic_load(n_ended) == 0);
	}
}

static void test_ends(void)
{
	TEST("a deadline ends it, whoever is at work, and what was told stays");
	for (size_t n = 1; n <= 3; n += 2) {
		struct jobs jobs = NO_JOBS;
		double began = clock_seconds(NULL);

		jobs.waits = 10;
		CHECK(run(&jobs, n, 0.3) == 0 && jobs.n_told >= 10 && jobs.n_told < N_JOBS && jobs.n_of[10] == 0 && jobs.n_ticks > 0);
		CHECK(clock_seconds(NULL) - began < 20);
		if (n == 1)
			CHECK(jobs.n_told == 10);
	}
	TEST("so does a stop");
	{
		struct jobs jobs = NO_JOBS;

		jobs.waits = N_JOBS - 1;
		jobs.stop_at = 5;
		CHECK(run(&jobs, 2, 60) == 0 && jobs.n_told >= 5 && jobs.n_told < N_JOBS);
	}
}

int main(void)
{
	n_ended = mmap(NULL, sizeof *n_ended, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	atexit(end_of_program);
	test_outcomes();
	test_maps();
	test_killed();
	test_few();
	test_ended();
	test_ends();
	return unit_done();
}
