/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests: plays the part of erd that opens and shuts a port. gate_tool shut|open|state PORT; state says "shut" or
 * "open". */
#include "gate.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static int state(struct gate *gate, int interface)
{
    int rc = gate_is_shut(gate, interface);

    if (rc >= 0)
        puts(rc == 1 ? "shut" : "open");
    return rc < 0 ? rc : 0;
}

static int act(const char *what, const char *port)
{
    struct gate *gate;
    int interface = (int)if_nametoindex(port);
    int rc = gate_connect(&gate);

    if (rc != 0)
        return rc;
    rc = strcmp(what, "shut") == 0   ? gate_shut(gate, interface)
         : strcmp(what, "open") == 0 ? gate_open(gate, interface)
                                     : state(gate, interface);
    gate_disconnect(gate);
    return rc;
}

int main(int argc, char **argv)
{
    if (argc != 3 || (strcmp(argv[1], "shut") != 0 && strcmp(argv[1], "open") != 0 && strcmp(argv[1], "state") != 0)) {
        fputs("usage: gate_tool shut|open|state PORT\n", stderr);
        return EX_USAGE;
    }
    int rc = act(argv[1], argv[2]);
    if (rc != 0)
        fprintf(stderr, "gate_tool: %s %s: %s\n", argv[1], argv[2], strerror(-rc));
    return rc == 0 ? EX_OK : EX_OSERR;
}
