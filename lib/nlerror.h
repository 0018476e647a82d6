/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAS_NLERROR_H
#define HAS_NLERROR_H

/* libnl's error code (of either sign) as a negative errno; -EIO for codes without a counterpart. */
int nlerror_to_errno(int code);

#endif
