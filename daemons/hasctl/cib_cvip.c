/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cib_cvip.h"

#include "template.h"

#define CVIPD_STOP_MIN 20 /* s */

void cib_put_cvip(const struct cib_cursor *cursor, FILE *out)
{
    fprintf(out, "cvip-%s", cursor->cvip->name);
}

void cib_put_cvip_members(const struct cib_cursor *cursor, FILE *out)
{
    for (size_t i = 0; i < cursor->cvip->address_count; i++)
        fprintf(out, "%scvip-%s-%zu", i > 0 ? " " : "", cursor->cvip->name, i + 1);
}

void cib_put_cvip_address_id(const struct cib_cursor *cursor, FILE *out)
{
    fprintf(out, "cvip-%s-%zu", cursor->cvip->name, cursor->address + 1);
}

void cib_put_cvip_address(const struct cib_cursor *cursor, FILE *out)
{
    char text[ADDR_TEXT_MAX];

    template_quote(addr_format(&cursor->cvip->addresses[cursor->address], text), out);
}

static bool is_ipv6(const struct cib_cursor *cursor)
{
    return cursor->cvip->addresses[cursor->address].family == AF_INET6;
}

/* The address alone: a longer network would make it a source address for the master's own traffic. */
void cib_put_cvip_address_length(const struct cib_cursor *cursor, FILE *out)
{
    fputs(is_ipv6(cursor) ? "128" : "32", out);
}

/* No duplicate address detection: it would hold the address back for a second or two in a failover, and
 * fencing makes sure that nobody else has it. */
void cib_put_cvip_address_parameters(const struct cib_cursor *cursor, FILE *out)
{
    const char *interface = cursor->model->networks[0].interface;

    if (interface[0]) {
        fputs(" nic=", out);
        template_quote(interface, out);
    }
    if (is_ipv6(cursor))
        fputs(" nodad=true preferred_lft=0", out);
}

void cib_put_cvipd_conf(const struct cib_cursor *cursor, FILE *out)
{
    (void)cursor;
    template_quote(HAS_CONFDIR "/cvipd.conf", out);
}

/* cvipd gives its clients to the others before it ends, for at most 10 s; the agent kills at 80 % of the timeout. */
void cib_put_cvipd_stop(const struct cib_cursor *cursor, FILE *out)
{
    long general = cursor->model->settings[SETTING_OPERATION_TIMEOUT].number;

    fprintf(out, "%ld", general > CVIPD_STOP_MIN ? general : CVIPD_STOP_MIN);
}

void cib_put_fenced_alert(const struct cib_cursor *cursor, FILE *out)
{
    (void)cursor;
    template_quote(HAS_DATADIR "/fenced-alert", out);
}
