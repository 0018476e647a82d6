/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "agentcheck.h"
#include "health.h"
#include "leave.h"

static void without_checks_the_node_is_good(void **state)
{
    bool up[2] = {false, false};
    (void)state;
    assert_int_equal(health_of(NULL, 0, up, 0), HEALTH_GOOD);
    assert_int_equal(health_of(NULL, 0, up, 2), HEALTH_GOOD);
    assert_true(up[0] && up[1]);
}

static void a_check_of_the_node_decides(void **state)
{
    struct health_check checks[] = {{CHECK_UP, HEALTH_NODE}, {CHECK_UNKNOWN, HEALTH_NODE}};
    (void)state;
    assert_int_equal(health_of(checks, 2, NULL, 0), HEALTH_UNKNOWN);
    checks[1].status = CHECK_UP;
    assert_int_equal(health_of(checks, 2, NULL, 0), HEALTH_GOOD);
    checks[0].status = CHECK_DOWN;
    assert_int_equal(health_of(checks, 2, NULL, 0), HEALTH_BAD);
    checks[1].status = CHECK_UNKNOWN;
    assert_int_equal(health_of(checks, 2, NULL, 0), HEALTH_BAD);
}

static void services_are_judged_one_by_one(void **state)
{
    struct health_check checks[] = {{CHECK_UP, 0}, {CHECK_UP, 0}, {CHECK_DOWN, 1}};
    bool up[2];
    (void)state;
    assert_int_equal(health_of(checks, 3, up, 2), HEALTH_GOOD);
    assert_true(up[0]);
    assert_false(up[1]);
    checks[1].status = CHECK_DOWN; /* all checks of a service must pass */
    assert_int_equal(health_of(checks, 3, up, 2), HEALTH_BAD);
    assert_false(up[0]);
    checks[1].status = CHECK_UNKNOWN;
    assert_int_equal(health_of(checks, 3, up, 2), HEALTH_UNKNOWN);
    checks[2].status = CHECK_UP;
    assert_int_equal(health_of(checks, 3, up, 2), HEALTH_GOOD);
    assert_false(up[0]);
    assert_true(up[1]);
}

static void agent_check_lines(void **state)
{
    char line[AGENTCHECK_LINE_MAX];
    (void)state;
    assert_int_equal(agentcheck_line(HEALTH_GOOD, false, 755, line), strlen("up ready 75%\n"));
    assert_string_equal(line, "up ready 75%\n");
    agentcheck_line(HEALTH_GOOD, false, 1000, line);
    assert_string_equal(line, "up ready 100%\n");
    agentcheck_line(HEALTH_GOOD, false, 0, line); /* 0 % would be a drain */
    assert_string_equal(line, "up ready 1%\n");
    agentcheck_line(HEALTH_GOOD, false, 65535, line);
    assert_string_equal(line, "up ready 100%\n");
    agentcheck_line(HEALTH_GOOD, true, 755, line);
    assert_string_equal(line, "drain\n");
    agentcheck_line(HEALTH_BAD, false, 755, line);
    assert_string_equal(line, "down\n");
    agentcheck_line(HEALTH_UNKNOWN, false, 755, line);
    assert_string_equal(line, "down\n");
}

static void leaving_waits_for_the_masters_and_the_connections(void **state)
{
    struct leave leave;
    (void)state;
    leave_begin(&leave, 1000, 30000);
    assert_true(leave.active);
    assert_int_equal(leave_judge(&leave, 1050, false, 0), LEAVE_WAIT);
    assert_int_equal(leave_judge(&leave, 1500, true, 3), LEAVE_WAIT);
    assert_int_equal(leave_judge(&leave, 2000, true, 0), LEAVE_WAIT);
    assert_int_equal(leave_judge(&leave, 2100, true, 1), LEAVE_WAIT); /* one was still on its way */
    assert_int_equal(leave_judge(&leave, 2150, true, 0), LEAVE_WAIT);
    assert_int_equal(leave_judge(&leave, 2150 + LEAVE_QUIET_MS - 1, true, 0), LEAVE_WAIT);
    assert_int_equal(leave_judge(&leave, 2150 + LEAVE_QUIET_MS, true, 0), LEAVE_DONE);
}

static void leaving_has_a_deadline(void **state)
{
    struct leave leave;
    (void)state;
    leave_begin(&leave, 1000, 30000);
    assert_int_equal(leave_judge(&leave, 30999, true, 5), LEAVE_WAIT);
    assert_int_equal(leave_judge(&leave, 31000, true, 5), LEAVE_DEADLINE);
    leave_begin(&leave, 1000, 0);
    assert_int_equal(leave_judge(&leave, 1000, false, 0), LEAVE_DEADLINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_checks_the_node_is_good),
        cmocka_unit_test(a_check_of_the_node_decides),
        cmocka_unit_test(services_are_judged_one_by_one),
        cmocka_unit_test(agent_check_lines),
        cmocka_unit_test(leaving_waits_for_the_masters_and_the_connections),
        cmocka_unit_test(leaving_has_a_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
