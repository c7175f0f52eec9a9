// What libcurl's error codes mean; of https_client.cc alone.
#pragma once

#include <string_view>

#include "core/base/result.h"

namespace veilroute::router {

/// `unavailable`, with this slug.
Error network_error(const char* slug, const char* detail);

/// Of a CURLcode, where TLS has nothing to say: network.*, tls.wrong-host, tls.file-unreadable,
/// http.malformed, http.failed.
Error describe_curl(int code);

/// Whether a CURLcode may stem from TLS, which then knows more.
bool may_be_tls(int code);

/// The code of OpenSSL in libcurl's words, "error:0A000086:SSL routines::..."; 0 where there is
/// none.
unsigned long openssl_code_in(std::string_view words);

}  // namespace veilroute::router
