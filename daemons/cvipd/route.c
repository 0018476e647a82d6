/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_BYTES 4096

struct question {
    struct nlmsghdr header;
    struct rtmsg route;
    char attributes[2 * RTA_SPACE(sizeof(struct in6_addr))];
};

static size_t bytes_of(const struct addr *address)
{
    return address->family == AF_INET ? sizeof address->v4 : sizeof address->v6;
}

static void add(struct question *question, uint16_t type, const struct addr *address)
{
    size_t length = bytes_of(address);
    struct rtattr attribute = {.rta_len = (uint16_t)RTA_LENGTH(length), .rta_type = type};
    char *end = (char *)question + NLMSG_ALIGN(question->header.nlmsg_len);
    memcpy(end, &attribute, sizeof attribute);
    memcpy(end + RTA_LENGTH(0), address->bytes, length);
    question->header.nlmsg_len += (uint32_t)RTA_SPACE(length);
}

static int ask(int fd, const struct addr *source, const struct addr *destination)
{
    struct question question = {
        .header = {.nlmsg_len = NLMSG_LENGTH(sizeof question.route),
                   .nlmsg_type = RTM_GETROUTE,
                   .nlmsg_flags = NLM_F_REQUEST},
        .route = {.rtm_family = (unsigned char)source->family,
                  .rtm_src_len = (unsigned char)(bytes_of(source) * 8),
                  .rtm_dst_len = (unsigned char)(bytes_of(destination) * 8)},
    };
    add(&question, RTA_SRC, source);
    add(&question, RTA_DST, destination);
    return send(fd, &question, question.header.nlmsg_len, MSG_DONTWAIT) < 0 ? -errno : 0;
}

static int take_error(const struct nlmsghdr *answer, unsigned *interface)
{
    int error = ((const struct nlmsgerr *)NLMSG_DATA(answer))->error;
    if (error != -ENETUNREACH && error != -EHOSTUNREACH)
        return error == 0 ? -EPROTO : error;
    *interface = 0;
    return 0;
}

/* An IPv6 route that refuses (unreachable, blackhole) leads to the loopback interface. */
static int take_route(const struct nlmsghdr *answer, unsigned *interface)
{
    const struct rtmsg *route = NLMSG_DATA(answer);
    unsigned left = NLMSG_ALIGN((unsigned)RTM_PAYLOAD(answer)); /* aligned, it cannot go below 0 */
    *interface = 0;
    if (route->rtm_type != RTN_UNICAST && route->rtm_type != RTN_LOCAL)
        return 0;
    for (const struct rtattr *a = RTM_RTA(route); RTA_OK(a, left); a = RTA_NEXT(a, left))
        if (a->rta_type == RTA_OIF && RTA_PAYLOAD(a) >= sizeof *interface)
            memcpy(interface, RTA_DATA(a), sizeof *interface);
    return 0;
}

/* The kernel has answered when send() returns. */
static int take_answer(int fd, unsigned *interface)
{
    _Alignas(struct nlmsghdr) char buffer[ANSWER_BYTES];
    const struct nlmsghdr *answer = (const void *)buffer;
    ssize_t length = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (length < 0)
        return -errno;
    if (!NLMSG_OK(answer, (size_t)length))
        return -EPROTO;
    if (answer->nlmsg_type == NLMSG_ERROR && answer->nlmsg_len >= NLMSG_LENGTH(sizeof(struct nlmsgerr)))
        return take_error(answer, interface);
    if (answer->nlmsg_type == RTM_NEWROUTE && answer->nlmsg_len >= NLMSG_LENGTH(sizeof(struct rtmsg)))
        return take_route(answer, interface);
    return -EPROTO;
}

int route_interface(const struct addr *source, const struct addr *destination, unsigned *interface)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0)
        return -errno;
    int rc = ask(fd, source, destination);
    if (rc == 0)
        rc = take_answer(fd, interface);
    close(fd);
    return rc;
}
