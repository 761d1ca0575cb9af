/* SPDX-License-Identifier: MIT */
/*
 * A lesson's checkpoint (lesson.h) in a file, whole or not at all: it is written beside
 * its place, synced and renamed (file.h), so whoever is killed meanwhile leaves the
 * one before it.
 *
 *     {checkpoint, check}     check: XXH3-64 of every byte before it, as of a model (pack.h)
 */
#ifndef CHECKPOINT_FILE_H
#define CHECKPOINT_FILE_H

#include "buffer.h"
#include "error.h"
#include "host.h"

/* Before the work: a file that can't be written, or is something else (a folder, a device, standard output, a file that does not begin as a
 * checkpoint), is refused. 1: a checkpoint is there, or a piece of one; 0: nothing. What is there stays as it is. */
int checkpoint_file_look(const char *path, const struct host *host, struct error *err) MUST_CHECK;
/* After -1 the file is what it was. */
int checkpoint_file_write(const char *path, const struct buffer *checkpoint, const struct host *host, struct error *err) MUST_CHECK;
/* Overwrites the buffer, which is the caller's. -1: it can't be read, is none, or is broken. err begins with the path. */
int checkpoint_file_read(const char *path, struct buffer *checkpoint, const struct host *host, struct error *err) MUST_CHECK;

#endif
