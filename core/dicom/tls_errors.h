// What OpenSSL says when a handshake fails, in our sentences; of tls.cc alone.
#pragma once

#include "core/base/result.h"

struct ssl_st;

namespace veilroute::dicom {

/// The error on OpenSSL's queue of this thread, which is emptied: the slugs are those of tls.h.
Error describe_tls(ssl_st* ssl);
/// The same of an error code that another library took off the queue, and of what the verification of
/// the peer's certificate came to (0: it was accepted, or never looked at).
Error describe_tls(unsigned long code, long verdict);

}  // namespace veilroute::dicom
