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

#include "memory.h"

enum { SILENCE_MS = 2 };

struct file_feed {
	const char *path;               /* NULL: standard input */
	int fd;                         /* -1: not open */
	off_t start;
};

static void stop(struct file_feed *file)
{
	if (file->path && file->fd >= 0) {
		close(file->fd);
		file->fd = -1;
	}
}

static ssize_t file_read(void *state, void *to, size_t size)
{
	struct file_feed *file = state;
	ssize_t n;

	if (file->fd < 0)
		file->fd = open(file->path, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0)
		return -1;
	n = read(file->fd, to, size);
	if (n == 0)
		stop(file);
	return n;
}

static int file_rewind(void *state)
{
	struct file_feed *file = state;

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
	*file = (struct file_feed){ .path = standard ? NULL : path, .fd = standard ? STDIN_FILENO : -1, .start = start };
	*feed = (struct feed){ .read = file_read, .close = file_close, .state = file };
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
