/* SPDX-License-Identifier: MIT */
/*
 * Numbers say everything: `pulled` batches came, `given` were given out, each gate
 * was passed by so many. Slot n % n_slots is batch n's, so that lanes run ahead of
 * who takes the batches by no more than there are slots. A batch that fails, or that
 * stops, sets `last`: those behind it are abandoned wherever they wait, and the
 * source, which all before it came out of, need not wait for input any more.
 *
 * Waking a thread costs more than most gates. So each that waits has a condition of
 * its own, and is woken when it may go on, not to look; and where nothing comes out
 * (lanes_run) lanes give out for themselves, behind one gate more.
 */
#include "lanes.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "memory.h"

enum { ALONE = 2 };             /* batches that the caller works on before threads are made */

struct turn {
	struct lanes *lanes;
	uint64_t number;
	size_t next_gate;               /* those before it were passed */
	struct batch batch;
	struct error err;
	bool done, failed;              /* failed: err says why */
	bool waits;                     /* at next_gate, for `go` */
	pthread_cond_t go;
};

struct lane { struct lanes *lanes; size_t number; pthread_t thread; };

struct lanes {
	struct source *in;
	struct lanes_work work;
	size_t n_lanes, n_threads, n_slots;
	struct lane *lane;
	struct turn *turns;             /* by slot */
	uint64_t *passed;               /* by gate: so many batches left it; the last: `given` */
	pthread_mutex_t lock, pull;     /* lock: all below; pull: who has it may ask the source */
	pthread_cond_t room, head;      /* of the lane that pulls: a slot is free; of the caller: the next batch is done, or none comes */
	uint64_t pulled, given;
	uint64_t last;                  /* batches from this number on are not wanted */
	struct error err;               /* of the batch that was given out as failed, or could not be: no other comes after it */
	bool ended, stop, stopped, now; /* ended: the source has no more; stop: lanes end; stopped: by turn_stop */
	bool failed;                    /* err says why */
	bool threaded;                  /* lanes are at work: none of the above is the caller's alone */
	bool alone;                     /* lanes give out what they did */
};

size_t lanes_slots(size_t n_lanes) { return n_lanes > 1 ? n_lanes + 2 : 1; }

struct lanes *lanes_new(struct source *in, size_t n_lanes, const struct lanes_work *work)
{
	struct lanes *lanes = mem_new(1, sizeof *lanes);

	*lanes = (struct lanes){ .in = in, .work = *work, .n_lanes = n_lanes > 1 ? n_lanes : 1, .n_slots = lanes_slots(n_lanes), .last = UINT64_MAX, .now = work->now };
	lanes->lane = mem_new(lanes->n_lanes, sizeof *lanes->lane);
	lanes->turns = mem_new(lanes->n_slots, sizeof *lanes->turns);
	lanes->passed = mem_new(work->n_gates + 1, sizeof *lanes->passed);      /* one more: where lanes give out */
	pthread_mutex_init(&lanes->lock, NULL);
	pthread_mutex_init(&lanes->pull, NULL);
	pthread_cond_init(&lanes->room, NULL);
	pthread_cond_init(&lanes->head, NULL);
	for (size_t i = 0; i < lanes->n_slots; i++)
		pthread_cond_init(&lanes->turns[i].go, NULL);
	return lanes;
}

/* Something is different for all: nothing behind `last` is wanted, or nothing at all. */
static void wake_all(struct lanes *lanes)
{
	for (size_t i = 0; i < lanes->n_slots; i++)
		pthread_cond_signal(&lanes->turns[i].go);
	pthread_cond_signal(&lanes->room);
	pthread_cond_signal(&lanes->head);
}

/* Batches behind `number` are not wanted. The lock is held. */
static void close_behind(struct lanes *lanes, uint64_t number)
{
	lanes->last = number + 1;
	wake_all(lanes);
	if (lanes->threaded)
		source_cancel(lanes->in);
}

/* ---- gates ---- */

/* Batch `number` left the gate: the one behind it may go in. The lock is held. */
static void pass(struct lanes *lanes, uint64_t number, size_t gate)
{
	struct turn *behind = &lanes->turns[(number + 1) % lanes->n_slots];

	lanes->passed[gate] = number + 1;
	if (behind->waits && behind->next_gate == gate)
		pthread_cond_signal(&behind->go);
}

int gate_enter(struct turn *turn, size_t gate)
{
	struct lanes *lanes = turn->lanes;
	bool wanted;

	while (turn->next_gate < gate) {
		if (gate_enter(turn, turn->next_gate) < 0)
			return -1;
		gate_leave(turn, turn->next_gate);
	}
	assert(turn->next_gate == gate);
	if (!lanes->threaded)
		return 0;
	pthread_mutex_lock(&lanes->lock);
	turn->waits = true;
	while (lanes->passed[gate] != turn->number && turn->number < lanes->last && !lanes->stop)
		pthread_cond_wait(&turn->go, &lanes->lock);
	turn->waits = false;
	wanted = turn->number < lanes->last && !lanes->stop;
	pthread_mutex_unlock(&lanes->lock);
	return wanted ? 0 : -1;
}

void gate_leave(struct turn *turn, size_t gate)
{
	struct lanes *lanes = turn->lanes;

	turn->next_gate = gate + 1;
	pthread_mutex_lock(&lanes->lock);
	pass(lanes, turn->number, gate);
	pthread_mutex_unlock(&lanes->lock);
}

void turn_stop(struct turn *turn)
{
	struct lanes *lanes = turn->lanes;

	pthread_mutex_lock(&lanes->lock);
	if (turn->number + 1 < lanes->last) {
		close_behind(lanes, turn->number);
		lanes->stopped = true;
	}
	pthread_mutex_unlock(&lanes->lock);
}

/* ---- one batch ---- */

/* The next batch of the source into its slot; NULL: there is none, or none is wanted. */
static struct turn *pull(struct lanes *lanes)
{
	struct turn *turn = NULL;
	bool wanted, now;
	int result;

	pthread_mutex_lock(&lanes->pull);
	pthread_mutex_lock(&lanes->lock);
	while (lanes->pulled - lanes->given == lanes->n_slots && !lanes->stop && lanes->pulled < lanes->last)
		pthread_cond_wait(&lanes->room, &lanes->lock);
	wanted = !lanes->stop && !lanes->ended && lanes->pulled < lanes->last;
	now = lanes->now;
	if (wanted)
		turn = &lanes->turns[lanes->pulled % lanes->n_slots];
	pthread_mutex_unlock(&lanes->lock);
	if (turn) {
		turn->err = (struct error)ERROR_INIT;
		turn->lanes = lanes;
		turn->next_gate = 0;
		turn->done = turn->failed = false;
		result = host_interrupted(lanes->work.host) ? error_set(&turn->err, STATUS_INTERRUPT, "interrupted")
			: source_next(lanes->in, &turn->batch, now, &turn->err);
		pthread_mutex_lock(&lanes->lock);
		turn->number = lanes->pulled;
		if (result == 0)
			lanes->ended = true;
		else
			lanes->pulled++;
		turn->failed = result < 0;
		if (result < 0 && lanes->pulled < lanes->last)
			close_behind(lanes, turn->number);
		if (result == 0)
			wake_all(lanes);
		pthread_mutex_unlock(&lanes->lock);
		if (result == 0)
			turn = NULL;
	}
	pthread_mutex_unlock(&lanes->pull);
	return turn;
}

/* The batch of a turn that is done goes to `give`; then its slot is free, and may be another's. 1: it has rows, which are in `to`, 0, -1. */
static int give_out(struct lanes *lanes, struct turn *turn, struct batch *to)
{
	uint64_t number = turn->number;
	struct error ignored = ERROR_INIT;
	int result = 0;

	if (lanes->work.give)
		result = lanes->work.give(lanes->work.state, (size_t)(number % lanes->n_slots), &turn->batch, turn->failed,
		                          turn->failed ? &ignored : &lanes->err);
	if (turn->failed) {
		lanes->err = turn->err;
		result = -1;
	} else if (result == 0 && turn->batch.n_rows > 0 && to) {
		batch_move(to, &turn->batch);
		result = 1;
	}
	batch_clear(&turn->batch);
	pthread_mutex_lock(&lanes->lock);
	lanes->given = number + 1;
	if (result < 0) {
		lanes->failed = lanes->stop = true;
		wake_all(lanes);
		if (lanes->threaded)
			source_cancel(lanes->in);
	}
	pass(lanes, number, lanes->work.n_gates);
	pthread_cond_signal(&lanes->room);
	pthread_mutex_unlock(&lanes->lock);
	return result;
}

/* The work on a batch that was pulled, and the gates that it left out. */
static void do_turn(struct lanes *lanes, size_t lane, struct turn *turn)
{
	size_t slot = (size_t)(turn->number % lanes->n_slots);
	bool failed = turn->failed;

	if (!failed)
		failed = lanes->work.work(lanes->work.state, lane, slot, &turn->batch, turn, &turn->err) < 0;
	while (!failed && turn->next_gate < lanes->work.n_gates) {
		failed = gate_enter(turn, turn->next_gate) < 0;
		if (!failed)
			gate_leave(turn, turn->next_gate);
	}
	pthread_mutex_lock(&lanes->lock);
	turn->failed = failed && turn->err.code != STATUS_DONE;         /* else it was abandoned */
	assert(!failed || turn->failed || turn->number >= lanes->last || lanes->stop);
	if (turn->failed && turn->number < lanes->last)
		close_behind(lanes, turn->number);
	turn->done = true;
	if (turn->number == lanes->given)
		pthread_cond_signal(&lanes->head);
	pthread_mutex_unlock(&lanes->lock);
	if (lanes->alone && gate_enter(turn, lanes->work.n_gates) == 0)
		(void)!give_out(lanes, turn, NULL);
}

/* ---- threads ---- */

static void *run_lane(void *argument)
{
	struct lane *lane = argument;
	struct turn *turn;

	while ((turn = pull(lane->lanes)))
		do_turn(lane->lanes, lane->number, turn);
	return NULL;
}

/*
 * Few batches are not worth a thread. Signals are the main thread's. If the system refuses a thread there are fewer: the result is
 * the same.
 */
static void start_threads(struct lanes *lanes, bool alone)
{
	sigset_t all, old;

	if (lanes->threaded || lanes->n_lanes == 1 || lanes->given < ALONE || lanes->ended || lanes->stop || lanes->last != UINT64_MAX)
		return;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	lanes->threaded = true;
	lanes->alone = alone;
	for (size_t i = 0; i < lanes->n_lanes; i++) {
		lanes->lane[i] = (struct lane){ .lanes = lanes, .number = i };
		if (pthread_create(&lanes->lane[i].thread, NULL, run_lane, &lanes->lane[i]) != 0)
			break;
		lanes->n_threads++;
	}
	if (lanes->n_threads == 0) {
		lanes->threaded = lanes->alone = false;
		lanes->n_lanes = 1;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void join_threads(struct lanes *lanes)
{
	for (size_t i = 0; i < lanes->n_threads; i++)
		pthread_join(lanes->lane[i].thread, NULL);
	lanes->n_threads = 0;
}

/* ---- giving out ---- */

/* The next batch in order, done; NULL: there is none. */
static struct turn *wait_for_turn(struct lanes *lanes)
{
	struct turn *turn;

	if (!lanes->threaded) {
		turn = pull(lanes);
		if (turn)
			do_turn(lanes, 0, turn);
		return turn;
	}
	pthread_mutex_lock(&lanes->lock);
	turn = &lanes->turns[lanes->given % lanes->n_slots];
	while (!lanes->stop && lanes->given < lanes->last && (lanes->given < lanes->pulled ? !turn->done : !lanes->ended))
		pthread_cond_wait(&lanes->head, &lanes->lock);
	if (lanes->stop || lanes->given >= lanes->last || lanes->given == lanes->pulled)
		turn = NULL;
	pthread_mutex_unlock(&lanes->lock);
	return turn;
}

static int tell(const struct lanes *lanes, struct error *err)
{
	if (!lanes->failed)
		return 0;
	*err = lanes->err;
	return -1;
}

int lanes_next(struct lanes *lanes, struct batch *to, bool now, struct error *err)
{
	struct turn *turn;
	int result = 0;

	batch_clear(to);
	pthread_mutex_lock(&lanes->lock);
	lanes->now = now;
	pthread_mutex_unlock(&lanes->lock);
	do {
		start_threads(lanes, false);
		turn = wait_for_turn(lanes);
		result = turn ? give_out(lanes, turn, to) : 0;
	} while (turn && result == 0);
	return result == 1 ? 1 : tell(lanes, err);
}

int lanes_run(struct lanes *lanes, struct error *err)
{
	struct turn *turn;

	do {
		start_threads(lanes, true);
		turn = lanes->alone ? NULL : wait_for_turn(lanes);
	} while (turn && give_out(lanes, turn, NULL) == 0);
	if (lanes->alone)
		join_threads(lanes);
	return tell(lanes, err);
}

bool lanes_stopped(const struct lanes *lanes) { return lanes->stopped; }
uint64_t lanes_given(const struct lanes *lanes) { return lanes->given; }

void lanes_free(struct lanes *lanes)
{
	bool waits;

	if (!lanes)
		return;
	pthread_mutex_lock(&lanes->lock);
	lanes->stop = true;
	wake_all(lanes);
	waits = lanes->n_threads > 0 && !lanes->ended;
	pthread_mutex_unlock(&lanes->lock);
	if (waits)
		source_cancel(lanes->in);
	join_threads(lanes);
	for (size_t i = 0; i < lanes->n_slots; i++) {
		batch_free(&lanes->turns[i].batch);
		pthread_cond_destroy(&lanes->turns[i].go);
	}
	pthread_cond_destroy(&lanes->room);
	pthread_cond_destroy(&lanes->head);
	pthread_mutex_destroy(&lanes->pull);
	pthread_mutex_destroy(&lanes->lock);
	free(lanes->lane);
	free(lanes->turns);
	free(lanes->passed);
	free(lanes);
}
