/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "realserver_arp.h"

#include "procsys.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define CONF "net/ipv4/conf"
#define IGNORE 1
#define ANNOUNCE 2

static int get(const char *root, const char *interface, const char *setting)
{
    char name[PATH_MAX];

    snprintf(name, sizeof(name), CONF "/%s/%s", interface, setting);
    return procsys_number(root, name);
}

static int set(const char *root, const char *setting, int value)
{
    char name[PATH_MAX];
    char text[16];

    snprintf(name, sizeof(name), CONF "/all/%s", setting);
    snprintf(text, sizeof(text), "%d", value);
    return procsys_write(root, name, text);
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* The kernel takes the larger of "all" and the interface's own. 4 to 7 of arp_ignore mean nothing: it answers. */
static bool is_right(int ignore, int announce)
{
    return ((ignore >= IGNORE && ignore <= 3) || ignore == 8) && announce >= ANNOUNCE;
}

static bool is_lan_interface(const char *name)
{
    return name[0] != '.' && strcmp(name, "all") != 0 && strcmp(name, "default") != 0 && strcmp(name, "lo") != 0;
}

bool realserver_arp_is_set(const char *root, char *reason, size_t size)
{
    int ignore = get(root, "all", "arp_ignore");
    int announce = get(root, "all", "arp_announce");
    char path[PATH_MAX];
    struct dirent *entry;
    DIR *directory;
    bool right = true;

    if (ignore < 0 || announce < 0) {
        snprintf(reason, size, "cannot read %s/" CONF "/all/arp_ignore: %s", root,
                 strerror(-(ignore < 0 ? ignore : announce)));
        return false;
    }
    snprintf(path, sizeof(path), "%s/" CONF, root);
    directory = opendir(path);
    while (right && directory != NULL && (entry = readdir(directory)) != NULL) {
        int own_ignore;
        int own_announce;

        if (!is_lan_interface(entry->d_name)) {
            continue;
        }
        own_ignore = larger(ignore, get(root, entry->d_name, "arp_ignore"));
        own_announce = larger(announce, get(root, entry->d_name, "arp_announce"));
        right = is_right(own_ignore, own_announce);
        if (!right) {
            snprintf(reason, size,
                     "the node answers ARP for the CVIP: %s has arp_ignore=%d arp_announce=%d in effect, needs 1 and "
                     "2; somebody "
                     "changed net.ipv4.conf.all",
                     entry->d_name, own_ignore, own_announce);
        }
    }
    if (directory != NULL) {
        closedir(directory);
    }
    return right;
}

int realserver_arp_remember(const char *root, struct realserver_arp *before)
{
    int ignore = get(root, "all", "arp_ignore");
    int announce = get(root, "all", "arp_announce");

    if (ignore < 0 || announce < 0) {
        return ignore < 0 ? ignore : announce;
    }
    before->ignore = ignore;
    before->announce = announce;
    return 0;
}

int realserver_arp_set(const char *root)
{
    struct realserver_arp now = {-1, -1};
    int result = realserver_arp_remember(root, &now);

    if (result == 0 && !is_right(now.ignore, ANNOUNCE)) {
        result = set(root, "arp_ignore", IGNORE);
    }
    if (result == 0 && now.announce < ANNOUNCE) {
        result = set(root, "arp_announce", ANNOUNCE);
    }
    return result;
}

int realserver_arp_restore(const char *root, const struct realserver_arp *before)
{
    struct realserver_arp now = {-1, -1};
    int result = realserver_arp_remember(root, &now);

    if (result == 0 && before->ignore >= 0 && now.ignore == IGNORE && before->ignore != IGNORE) {
        result = set(root, "arp_ignore", before->ignore);
    }
    if (result == 0 && before->announce >= 0 && now.announce == ANNOUNCE && before->announce != ANNOUNCE) {
        result = set(root, "arp_announce", before->announce);
    }
    return result;
}
