#ifndef SK_TESTS_XML_CHECK_H
#define SK_TESTS_XML_CHECK_H

#include "kit/slice.h"

/** Whether @p text is well-formed XML, as far as what we write goes. NULL: it is; else what is wrong first. */
const char *xml_check(sk_slice text);

#endif
