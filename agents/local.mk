# SPDX-License-Identifier: GPL-2.0-or-later
# OCF resource agents, provider "has"
agents_made = agents/tmd agents/tcd agents/realserver agents/cvip agents/erd \
	agents/nfs-client agents/nfs-copy agents/nfs-mount agents/nfs-server
EXTRA_DIST += $(agents_made:=.in) agents/has-daemon.sh agents/fenced-alert.in
CLEANFILES += $(agents_made) agents/.has-daemon agents/fenced-alert

$(agents_made) agents/fenced-alert: %: %.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(substitute) $< > $@.tmp && chmod 755 $@.tmp && mv $@.tmp $@

agents/.has-daemon: agents/has-daemon.sh Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(substitute) $(srcdir)/agents/has-daemon.sh > $@.tmp && mv $@.tmp $@

agentdir = $(ocfdir)/resource.d/has
nodist_agent_SCRIPTS = $(agents_made)
nodist_agent_DATA = agents/.has-daemon

# Pacemaker's alert agent; the CIB names its path
alertdir = $(pkgdatadir)
nodist_alert_SCRIPTS = agents/fenced-alert
