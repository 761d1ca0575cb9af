/* SPDX-License-Identifier: MIT */
/*
 * One mutex guards the number of the next task and the count of tasks that are
 * not finished; workers sleep between two runs. Tasks are large (a panel, a block
 * of rows), so that a lock per task costs nothing.
 */
#include "workers.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "memory.h"

struct workers {
	pthread_mutex_t lock;
	pthread_cond_t wake, finished;
	pthread_t *threads;
	size_t n_threads;               /* besides the caller */
	void (*task)(void *state, size_t i);
	void *state;
	size_t next, n, unfinished;
	bool stop;
};

/* Takes tasks until none is left. The lock is held on entry and on return. */
static void work(struct workers *workers)
{
	while (workers->next < workers->n) {
		size_t i = workers->next++;

		pthread_mutex_unlock(&workers->lock);
		workers->task(workers->state, i);
		pthread_mutex_lock(&workers->lock);
		if (--workers->unfinished == 0)
			pthread_cond_signal(&workers->finished);
	}
}

static void *worker(void *argument)
{
	struct workers *workers = argument;

	pthread_mutex_lock(&workers->lock);
	while (!workers->stop) {
		work(workers);
		if (!workers->stop)
			pthread_cond_wait(&workers->wake, &workers->lock);
	}
	pthread_mutex_unlock(&workers->lock);
	return NULL;
}

struct workers *workers_new(int threads)
{
	struct workers *workers = mem_new(1, sizeof *workers);
	size_t wanted = threads > 1 ? (size_t)threads - 1 : 0;
	sigset_t all, old;

	pthread_mutex_init(&workers->lock, NULL);
	pthread_cond_init(&workers->wake, NULL);
	pthread_cond_init(&workers->finished, NULL);
	workers->threads = mem_array(wanted + 1, sizeof *workers->threads);
	/* Signals are the main thread's. If the system refuses a thread there are fewer: the result is the same. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	while (workers->n_threads < wanted && pthread_create(&workers->threads[workers->n_threads], NULL, worker, workers) == 0)
		workers->n_threads++;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return workers;
}

void workers_run(struct workers *workers, size_t n, void (*task)(void *state, size_t i), void *state)
{
	if (workers->n_threads == 0 || n <= 1) {
		for (size_t i = 0; i < n; i++)
			task(state, i);
		return;
	}
	pthread_mutex_lock(&workers->lock);
	workers->task = task;
	workers->state = state;
	workers->next = 0;
	workers->n = workers->unfinished = n;
	pthread_cond_broadcast(&workers->wake);
	work(workers);
	while (workers->unfinished)
		pthread_cond_wait(&workers->finished, &workers->lock);
	pthread_mutex_unlock(&workers->lock);
}

void workers_free(struct workers *workers)
{
	if (!workers)
		return;
	pthread_mutex_lock(&workers->lock);
	workers->stop = true;
	pthread_cond_broadcast(&workers->wake);
	pthread_mutex_unlock(&workers->lock);
	for (size_t i = 0; i < workers->n_threads; i++)
		pthread_join(workers->threads[i], NULL);
	pthread_cond_destroy(&workers->finished);
	pthread_cond_destroy(&workers->wake);
	pthread_mutex_destroy(&workers->lock);
	free(workers->threads);
	free(workers);
}
