/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "veth.h"

#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { NEAR, FAR };

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (fd >= 0)
        close(fd);
    return done;
}

/* Programs that are started must be root in it, or they lose what we may. */
static bool own_users(void)
{
    char user[32], group[32];

    snprintf(user, sizeof(user), "0 %u 1", geteuid());
    snprintf(group, sizeof(group), "0 %u 1", getegid());
    return unshare(CLONE_NEWUSER) == 0 && write_file("/proc/self/setgroups", "deny") &&
           write_file("/proc/self/uid_map", user) && write_file("/proc/self/gid_map", group);
}

/* Left open in what we start: `ip` finds the namespace by it. */
static int new_network(void)
{
    return unshare(CLONE_NEWNET) != 0 ? -1 : open("/proc/self/ns/net", O_RDONLY);
}

bool veth_begin(struct veth *veth)
{
    *veth = (struct veth){.far = -1};
    if (geteuid() != 0 && !own_users())
        return false;
    veth->namespaces[FAR] = new_network();
    veth->namespaces[NEAR] = new_network();
    return veth->namespaces[FAR] >= 0 && veth->namespaces[NEAR] >= 0;
}

static void enter(const struct veth *veth, int which)
{
    assert_int_equal(setns(veth->namespaces[which], CLONE_NEWNET), 0);
}

static void run(const char *command)
{
    if (system(command) != 0)
        fail_msg("failed: %s", command);
}

void veth_near_run(const struct veth *veth, const char *command)
{
    (void)veth;
    run(command);
}

bool veth_far_can(const struct veth *veth, const char *command)
{
    enter(veth, FAR);
    int status = system(command);
    enter(veth, NEAR);
    return status == 0;
}

void veth_far_run(const struct veth *veth, const char *command)
{
    if (!veth_far_can(veth, command))
        fail_msg("failed at the other end: %s", command);
}

static void read_mac(int fd, const char *interface, uint8_t mac[6])
{
    struct ifreq request = {.ifr_addr.sa_family = AF_UNSPEC};

    strncpy(request.ifr_name, interface, sizeof(request.ifr_name) - 1);
    assert_int_equal(ioctl(fd, SIOCGIFHWADDR, &request), 0);
    memcpy(mac, request.ifr_hwaddr.sa_data, 6);
}

static void open_far(struct veth *veth)
{
    struct sockaddr_ll where = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    const int yes = 1;

    enter(veth, FAR);
    where.sll_ifindex = (int)if_nametoindex(VETH_FAR);
    veth->far = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(veth->far >= 0);
    assert_int_equal(setsockopt(veth->far, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof(yes)), 0);
    assert_int_equal(setsockopt(veth->far, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof(yes)), 0);
    assert_int_equal(bind(veth->far, (struct sockaddr *)&where, sizeof(where)), 0);
    read_mac(veth->far, VETH_FAR, veth->far_mac);
    enter(veth, NEAR);
}

void veth_make(struct veth *veth)
{
    char command[128];
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    snprintf(command, sizeof(command), "ip link add %s type veth peer name %s netns /proc/self/fd/%d", VETH_PORT,
             VETH_FAR, veth->namespaces[FAR]);
    run(command);
    /* Ours last: it has its carrier at once then, and may send. The other end sends past its queue. */
    veth_far_run(veth, "ip link set " VETH_FAR " addrgenmode none up");
    run("ip link set " VETH_PORT " addrgenmode none up");
    veth->port = (int)if_nametoindex(VETH_PORT);
    read_mac(fd, VETH_PORT, veth->mac);
    close(fd);
    open_far(veth);
}

void veth_remove(struct veth *veth)
{
    if (veth->far >= 0)
        close(veth->far);
    veth->far = -1;
    if (if_nametoindex(VETH_PORT) != 0)
        run("ip link del " VETH_PORT);
}

size_t veth_hear(const struct veth *veth, uint8_t frame[VETH_FRAME_MAX], int timeout_ms)
{
    struct pollfd wait = {.fd = veth->far, .events = POLLIN};

    if (poll(&wait, 1, timeout_ms) <= 0)
        return 0;
    ssize_t length = recv(veth->far, frame, VETH_FRAME_MAX, 0);
    return length < 0 ? 0 : (size_t)length;
}

void veth_say(const struct veth *veth, const void *frame, size_t length)
{
    assert_int_equal(send(veth->far, frame, length, 0), length);
}
