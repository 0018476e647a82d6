# SPDX-License-Identifier: GPL-2.0-or-later
# The templates of the CIB; hasctl reads them when it renders.
cibdir = $(pkgdatadir)/cib
dist_cib_DATA = cib/has.crm.tmpl cib/has.pcs.tmpl
