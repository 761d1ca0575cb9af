/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE         /* MAP_ANONYMOUS */
#include "tune_crew.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "memory.h"
#include "stream.h"

enum {
	TICK = 100,                     /* milliseconds */
	READ_SIZE = 64 * 1024,
	MOST_LOST = 20,                 /* processes that ended with no job, one after the other */
	OUT_OF_MEMORY = 100, NOT_TOLD = 120     /* how a process of the crew ends: NOT_TOLD + errno; 0: through */
};

/* What processes share. */
struct shared {
	_Atomic size_t next;            /* job */
	_Atomic double best;            /* NaN: nothing was told */
	_Atomic size_t taken[];         /* by process: the last job + 1; 0: none */
};

/* Before what an outcome says of itself, and the model's message. */
struct told_head { size_t job; struct outcome outcome; bool failed, has_map; size_t why_size, map_size; };

struct worker { pid_t pid; int fd; struct buffer read; };

struct crew_state {
	const struct crew *crew;
	const struct crew_job *jobs;
	size_t n_jobs, n_told, n_workers, n_lost;
	struct shared *board;
	size_t board_size;
	struct worker *workers;
	bool *is_told;                  /* by job */
};

/* ---- in a process of the crew ---- */

static int tell(const struct crew *crew, int fd, size_t job, const struct outcome *outcome, const struct bytes *map, const struct error *err)
{
	struct told_head head = { .job = job, .outcome = *outcome, .failed = err != NULL, .has_map = map != NULL, .why_size = err ? strlen(err->message) : 0,
	                          .map_size = map ? map->size : 0 };
	struct error ignored = ERROR_INIT;

	return write_all(fd, &head, sizeof head, crew->host, &ignored) < 0 || (err && write_all(fd, err->message, head.why_size, crew->host, &ignored) < 0) ||
	       (map && write_all(fd, map->data, head.map_size, crew->host, &ignored) < 0) ? -1 : 0;
}

/* What ends the process from within: memory that can't be had (memory.h). What is to be done at the end of the program, and said, is the caller's. */
static void leave(void) { _exit(OUT_OF_MEMORY); }

/* Signals waited until here: the caller's answer to them takes away the caller's files. */
static void be_alone(int fd, const sigset_t *signals)
{
	struct pollfd listener = { .fd = fd };

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	sigprocmask(SIG_SETMASK, signals, NULL);
#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
	if (poll(&listener, 1, 0) > 0)  /* the caller went before that was said, and its end of the pipe with it */
		_exit(0);
	atexit(leave);
	setvbuf(stderr, NULL, _IOFBF, BUFSIZ);
}

/* Until no job is left, or nobody listens. The terminal's interrupt goes to the whole pipe: the caller says what becomes of the crew. */
_Noreturn static void work(const struct crew_state *state, size_t number, int fd)
{
	const struct crew *crew = state->crew;

	for (;;) {
		size_t job = atomic_fetch_add(&state->board->next, 1);
		struct outcome outcome = { .score = NAN };
		struct bytes *map = NULL;
		struct error err = ERROR_INIT;
		int result;

		if (job >= state->n_jobs)
			_exit(0);
		atomic_store(&state->board->taken[number], job + 1);
		result = crew->work(crew->state, &state->jobs[job], atomic_load(&state->board->best), &outcome, &map, &err);
		if (tell(crew, fd, job, &outcome, map, result < 0 ? &err : NULL) < 0)
			_exit(NOT_TOLD + errno);
		bytes_drop(map);
	}
}

/* ---- in the caller's ---- */

static int hire(struct crew_state *state, size_t number, struct error *err)
{
	struct worker *worker = &state->workers[number];
	sigset_t all, before;
	int ends[2];

	atomic_store(&state->board->taken[number], 0);
	if (pipe(ends) < 0)
		return error_set(err, STATUS_FAILED, "no pipe for a trial%s: %s", errno == EMFILE ? " (raise --memory, or the limit, see ulimit -n)" : "",
		                 strerror(errno));
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	worker->pid = fork();
	if (worker->pid == 0) {
		close(ends[0]);
		for (size_t i = 0; i < state->n_workers; i++)
			if (i != number && state->workers[i].fd >= 0)
				close(state->workers[i].fd);
		be_alone(ends[1], &before);
		work(state, number, ends[1]);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(ends[1]);
	if (worker->pid < 0) {
		close(ends[0]);
		return error_set(err, STATUS_FAILED, "no process for a trial: %s", strerror(errno));
	}
	worker->fd = ends[0];
	return 0;
}

static void hear(struct crew_state *state, size_t job, const struct told *told)
{
	const struct crew *crew = state->crew;
	double best = atomic_load(&state->board->best);

	state->is_told[job] = true;
	state->n_told++;
	state->n_lost = 0;
	crew->told(crew->state, &state->jobs[job], told, &best);
	atomic_store(&state->board->best, best);
}

/* Whole messages of what was read; what is left stays. */
static void take_messages(struct crew_state *state, struct worker *worker)
{
	size_t at = 0;

	for (;;) {
		struct told_head head;
		struct told told;
		size_t left = worker->read.size - at;

		if (left < sizeof head)
			break;
		memcpy(&head, worker->read.data + at, sizeof head);
		if (left - sizeof head < head.why_size + head.map_size)
			break;
		at += sizeof head;
		told = (struct told){ .outcome = head.outcome, .failed = head.failed, .why = mem_text_n((const char *)worker->read.data + at, head.why_size) };
		at += head.why_size;
		if (head.has_map) {
			struct buffer map = BUFFER_INIT;

			buffer_add(&map, worker->read.data + at, head.map_size);
			told.map = bytes_of(&map);
		}
		at += head.map_size;
		hear(state, head.job, &told);
		free(told.why);
		bytes_drop(told.map);
	}
	if (at > 0) {
		memmove(worker->read.data, worker->read.data + at, worker->read.size - at);
		worker->read.size -= at;
	}
}

static char *why_it_ended(int status, int cause)
{
	if (cause != 0)
		return mem_format("what its process tells can't be read: %s", strerror(cause));
	if (WIFSIGNALED(status))
		return mem_format("its process was killed by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status) == OUT_OF_MEMORY)
		return mem_text("out of memory (give less --memory or -j, or raise the limit, see ulimit -v)");
	if (WEXITSTATUS(status) >= NOT_TOLD)
		return mem_format("its process could not tell: %s", strerror(WEXITSTATUS(status) - NOT_TOLD));
	return mem_format("its process ended with status %d", WEXITSTATUS(status));
}

static void hear_no_more(struct crew_state *state, size_t job, char *why)
{
	const struct told told = { .outcome = { .score = NAN }, .failed = true, .why = why };

	hear(state, job, &told);
	free(why);
}

static void let_go(struct crew_state *state, size_t number, int *status)
{
	struct worker *worker = &state->workers[number];

	close(worker->fd);
	worker->fd = -1;
	buffer_clear(&worker->read);
	while (waitpid(worker->pid, status, 0) < 0 && errno == EINTR)
		;
	worker->pid = -1;
}

/* Where none can be made, the others go on. */
static int replace(struct crew_state *state, size_t number, struct error *err)
{
	if (hire(state, number, err) == 0)
		return 0;
	for (size_t i = 0; i < state->n_workers; i++)
		if (state->workers[i].fd >= 0) {
			error_clear(err);
			return 0;
		}
	return -1;
}

/* Its pipe ended, or, by cause, can't be read: it is through, or something ended it, at a job or between two. While there are jobs another one
 * takes its place. */
static int see_off(struct crew_state *state, size_t number, int cause, struct error *err)
{
	size_t job;
	int status;

	if (cause != 0)
		kill(state->workers[number].pid, SIGKILL);
	let_go(state, number, &status);
	job = atomic_load(&state->board->taken[number]);
	if (job > 0 && !state->is_told[job - 1]) {
		hear_no_more(state, job - 1, why_it_ended(status, cause));
	} else if (atomic_load(&state->board->next) < state->n_jobs && ++state->n_lost > MOST_LOST) {
		char *why = why_it_ended(status, cause);

		error_set(err, STATUS_FAILED, "processes for trials end before they begin: %s", why);
		free(why);
		return -1;
	}
	return atomic_load(&state->board->next) < state->n_jobs ? replace(state, number, err) : 0;
}

static int listen_to(struct crew_state *state, size_t number, struct error *err)
{
	struct worker *worker = &state->workers[number];
	ssize_t n;

	buffer_reserve(&worker->read, READ_SIZE);
	n = read(worker->fd, worker->read.data + worker->read.size, READ_SIZE);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n <= 0)
		return see_off(state, number, n < 0 ? errno : 0, err);
	worker->read.size += (size_t)n;
	take_messages(state, worker);
	return 0;
}

static bool is_over(const struct crew_state *state)
{
	const struct crew *crew = state->crew;

	return (crew->stop && crew->stop(crew->state)) || host_seconds(crew->host) >= crew->deadline;
}

/* Until all is told, or it is over. */
static int follow(struct crew_state *state, struct error *err)
{
	struct pollfd *fds = mem_new(state->n_workers, sizeof *fds);
	int result = 1;

	while (state->n_told < state->n_jobs && result == 1) {
		size_t n = 0;

		for (size_t i = 0; i < state->n_workers; i++)
			if (state->workers[i].fd >= 0)
				fds[n++] = (struct pollfd){ .fd = state->workers[i].fd, .events = POLLIN };
		if (n == 0)             /* what one took, and ended before it said so, is lost */
			for (size_t job = 0; job < state->n_jobs; job++)
				if (!state->is_told[job])
					hear_no_more(state, job, mem_text("its process ended"));
		poll(fds, n, TICK);
		for (size_t i = 0, k = 0; i < state->n_workers && result == 1; i++)
			if (state->workers[i].fd >= 0 && fds[k++].revents && listen_to(state, i, err) < 0)
				result = -1;
		if (state->crew->tick)
			state->crew->tick(state->crew->state);
		if (result == 1 && state->n_told < state->n_jobs && is_over(state))
			result = 0;
	}
	free(fds);
	return result;
}

static void dismiss(struct crew_state *state)
{
	for (size_t i = 0; i < state->n_workers; i++) {
		struct worker *worker = &state->workers[i];
		int status;

		if (worker->fd >= 0) {
			kill(worker->pid, SIGKILL);
			let_go(state, i, &status);
		}
		buffer_free(&worker->read);
	}
}

int crew_run(const struct crew *crew, const struct crew_job *jobs, size_t n_jobs, struct error *err)
{
	struct crew_state state = { .crew = crew, .jobs = jobs, .n_jobs = n_jobs, .n_workers = n_jobs < crew->n_processes ? n_jobs : crew->n_processes };
	struct error refused = ERROR_INIT;      /* of a second process: then there are fewer */
	int result = 1;

	if (n_jobs == 0)
		return 1;
	state.board_size = sizeof *state.board + state.n_workers * sizeof *state.board->taken;
	state.board = mmap(NULL, state.board_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (state.board == MAP_FAILED)
		return error_set(err, STATUS_FAILED, "out of memory: %zu bytes that trials share: %s", state.board_size, strerror(errno));
	atomic_store(&state.board->best, NAN);
	state.workers = mem_new(state.n_workers, sizeof *state.workers);
	state.is_told = mem_new(n_jobs, sizeof *state.is_told);
	for (size_t i = 0; i < state.n_workers; i++)
		state.workers[i] = (struct worker){ .pid = -1, .fd = -1 };
	for (size_t i = 0; i < state.n_workers && result == 1; i++)
		if (hire(&state, i, &refused) < 0) {
			result = i > 0 ? 1 : -1;
			break;
		}
	if (result < 0)
		*err = refused;
	if (result == 1)
		result = follow(&state, err);
	dismiss(&state);
	free(state.workers);
	free(state.is_told);
	munmap(state.board, state.board_size);
	return result;
}
