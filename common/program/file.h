/* SPDX-License-Identifier: MIT */
/*
 * Files that are whole or not there: written beside their place under another
 * name, synced, renamed. What is a device, a pipe or /dev/stdout is written
 * directly.
 */
#ifndef FILE_H
#define FILE_H

#include "error.h"

struct file { int fd; char *path, *temporary; };
int file_create(struct file *file, const char *path, struct error *err) MUST_CHECK;
int file_commit(struct file *file, struct error *err) MUST_CHECK;       /* fsync, rename, fsync of the folder */
void file_abandon(struct file *file);                                   /* removes it; fine after a commit */

/* A file without a name in TMPDIR (or /tmp): it is gone when its descriptor is closed, however the process ends. -1 and err. */
int file_unnamed(struct error *err);
const char *file_temporary_folder(void);

/* Appends one record of bytes, whole (O_APPEND): rejects. */
int file_open_append(const char *path, struct error *err) MUST_CHECK;

#endif
