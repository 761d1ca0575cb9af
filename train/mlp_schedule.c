/* SPDX-License-Identifier: MIT */
/*
 * Learning rates along the way, as those of torch.optim.lr_scheduler; e: epochs done
 * since the warm-up, E all of them, t updates done, T all of them.
 *
 *     step       gamma^floor(e / step)                                           StepLR
 *     cosine     (1 + cos(pi e / E)) / 2                                         CosineAnnealingLR, T_max = E
 *     plateau    x gamma, when more than `step` epochs are without a loss
 *                that is a ten-thousandth better                                 ReduceLROnPlateau, patience = step
 *     onecycle   1/25 to 1 along 0.3 T, then to 1/250000, both along a cosine    OneCycleLR, the momentum left alone
 *
 * Before them the warm-up: (t + 1) / W along its W updates (LinearLR with 1 / W and W - 1).
 */
#include "mlp.h"

#include <math.h>

static double constant(const struct schedule *schedule, uint64_t epoch, uint64_t update)
{
	(void)schedule, (void)epoch, (void)update;
	return 1;
}

static double by_step(const struct schedule *schedule, uint64_t epoch, uint64_t update)
{
	(void)update;
	return pow(schedule->gamma, (double)(epoch / schedule->step));
}

static double cosine(const struct schedule *schedule, uint64_t epoch, uint64_t update)
{
	(void)update;
	return (1 + cos(M_PI * (double)epoch / (double)(schedule->epochs - schedule->warmup))) / 2;
}

static double plateau(const struct schedule *schedule, uint64_t epoch, uint64_t update)
{
	(void)epoch, (void)update;
	return schedule->factor;
}

static double anneal(double from, double to, double share) { return to + (from - to) / 2 * (1 + cos(M_PI * share)); }

static double onecycle(const struct schedule *schedule, uint64_t epoch, uint64_t update)
{
	double total = (double)schedule->epochs * (double)schedule->updates, top = 0.3 * total - 1, t = (double)update;
	const double start = 1.0 / 25, end = start / 1e4;

	(void)epoch;
	if (t <= top)
		return top > 0 ? anneal(start, 1, t / top) : 1;
	return total - 1 > top ? anneal(1, end, (t - top) / (total - 1 - top)) : end;
}

static double (*const factors[])(const struct schedule *, uint64_t, uint64_t) = {
	[SCHEDULE_CONSTANT] = constant, [SCHEDULE_STEP] = by_step, [SCHEDULE_COSINE] = cosine, [SCHEDULE_PLATEAU] = plateau,
	[SCHEDULE_ONECYCLE] = onecycle,
};

void schedule_start(struct schedule *schedule, uint64_t updates)
{
	schedule->updates = updates;
	schedule->best = INFINITY;
	schedule->factor = 1;
	schedule->bad = 0;
}

double schedule_factor(const struct schedule *schedule, uint64_t update)
{
	uint64_t warm = schedule->warmup * schedule->updates;

	if (update < warm)
		return (double)(update + 1) / (double)warm;
	return factors[schedule->kind](schedule, update / schedule->updates - schedule->warmup, update);
}

void schedule_told(struct schedule *schedule, uint64_t epoch, double loss)
{
	if (schedule->kind != SCHEDULE_PLATEAU || epoch <= schedule->warmup)
		return;
	if (loss < schedule->best * (1 - 1e-4)) {
		schedule->best = loss;
		schedule->bad = 0;
	} else if (++schedule->bad > schedule->step) {
		schedule->factor *= schedule->gamma;
		schedule->bad = 0;
	}
}
