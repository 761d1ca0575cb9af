/* SPDX-License-Identifier: MIT */
/*
 * A file is open from the first read to its end, so that of ten thousand files one is open at a time. Of a regular file as
 * standard input the beginning is where it stood.
 */
#include "feed.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"
#include "memory.h"

enum { SILENCE_MS = 2 };

struct file_feed {
	const char *path;               /* NULL: standard input */
	int fd;                         /* -1: not open */
	off_t start;
	bool regular;
	struct stat first;              /* as it was when it was looked at */
	off_t at;                       /* bytes read from the start on */
	bool changed;
};

static void stop(struct file_feed *file)
{
	if (file->path && file->fd >= 0) {
		close(file->fd);
		file->fd = -1;
	}
}

/* Whether what is there now is another than what was looked at. Files of no size (/proc) tell nothing. */
static bool differs(const struct stat *first, const struct stat *now)
{
	if (!S_ISREG(first->st_mode) || first->st_size == 0)
		return false;
	if (now->st_dev != first->st_dev || now->st_ino != first->st_ino || now->st_size < first->st_size)
		return true;
	return now->st_size == first->st_size && (now->st_mtim.tv_sec != first->st_mtim.tv_sec || now->st_mtim.tv_nsec != first->st_mtim.tv_nsec);
}

/* The same of the open file, or of what stands at its path, where a name that is gone tells nothing: 1, 0, or -1 and errno where
 * nobody can say. */
static int open_differs(const struct file_feed *file)
{
	struct stat now;

	if (!file->regular)
		return 0;
	if (fstat(file->fd, &now) < 0)
		return errno == ESTALE ? 1 : -1;        /* of a file server: it is gone there */
	return differs(&file->first, &now);
}

static int path_differs(const struct file_feed *file)
{
	struct stat now;

	if (!file->path || !file->regular)
		return 0;
	if (stat(file->path, &now) < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : -1;
	return differs(&file->first, &now);
}

/* It is looked at before it is opened (what stands there now may be a FIFO that nobody writes to) and behind each read: so no byte is
 * given of a file that has changed, and nothing is said of such bytes but that. */
static ssize_t file_read(void *state, void *to, size_t size)
{
	struct file_feed *file = state;
	off_t left = file->first.st_size - file->start - file->at;
	ssize_t n = 0;
	int another = file->changed ? 1 : file->fd < 0 ? path_differs(file) : 0;

	if (another == 0 && file->fd < 0)
		file->fd = open(file->path, O_RDONLY | O_CLOEXEC);      /* EINTR, here as of read: who calls asks again */
	if (another < 0 || (another == 0 && file->fd < 0))
		return -1;
	if (another == 0 && (!file->regular || file->first.st_size == 0))
		n = read(file->fd, to, size);
	else if (another == 0 && left > 0)
		n = read(file->fd, to, (off_t)size < left ? size : (size_t)left);
	if (n < 0) {
		(void)host_again_on(NULL, file->fd, POLLIN);            /* then errno is EINTR: who calls looks up, and asks again */
		return -1;
	}
	if (another == 0)
		another = open_differs(file);
	if (another == 0 && n == 0)
		another = path_differs(file);
	if (another < 0)
		return -1;
	if (another == 0 && n > 0) {
		file->at += n;
		return n;
	}
	file->changed = another;
	stop(file);
	return 0;
}

static bool file_changed(void *state)
{
	return ((struct file_feed *)state)->changed;
}

static int file_rewind(void *state)
{
	struct file_feed *file = state;

	file->at = 0;
	return file->fd < 0 || lseek(file->fd, file->start, SEEK_SET) >= 0 ? 0 : -1;
}

static bool file_silent(void *state)
{
	struct file_feed *file = state;
	struct pollfd poll_of = { .fd = file->fd, .events = POLLIN };

	return file->fd >= 0 && poll(&poll_of, 1, SILENCE_MS) == 0;
}

static void file_close(void *state)
{
	stop(state);
	free(state);
}

int feed_open_file(struct feed *feed, const char *path, struct error *err)
{
	bool standard = strcmp(path, "-") == 0;
	const char *name = standard ? "standard input" : path;
	struct stat stat_of;
	off_t start = 0;
	struct file_feed *file;

	*feed = (struct feed){ .read = NULL };
	if ((standard ? fstat(STDIN_FILENO, &stat_of) : stat(path, &stat_of)) != 0)
		return error_errno(err, "%s", name);
	if (S_ISDIR(stat_of.st_mode))
		return error_set(err, STATUS_FAILED, "%s: is a folder", name);
	if (!standard && access(path, R_OK) != 0)
		return error_errno(err, "%s", name);
	if (standard && S_ISREG(stat_of.st_mode))
		start = lseek(STDIN_FILENO, 0, SEEK_CUR);
	if (start < 0)
		return error_errno(err, "%s", name);

	file = mem_new(1, sizeof *file);
	*file = (struct file_feed){
		.path = standard ? NULL : path, .fd = standard ? STDIN_FILENO : -1, .start = start, .regular = S_ISREG(stat_of.st_mode), .first = stat_of,
	};
	*feed = (struct feed){ .read = file_read, .changed = file_changed, .close = file_close, .state = file };
	if (S_ISREG(stat_of.st_mode)) {
		feed->rewind = file_rewind;
		feed->total = stat_of.st_size > start ? (uint64_t)(stat_of.st_size - start) : 0;
	} else {
		feed->silent = file_silent;
	}
	return 0;
}

void feed_close(struct feed *feed)
{
	if (feed->close)
		feed->close(feed->state);
	*feed = (struct feed){ .read = NULL };
}
