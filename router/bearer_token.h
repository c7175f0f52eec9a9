// BearerToken: what a destination by HTTP is shown, from a file or by OAuth 2.0 client credentials
// (RFC 6750, RFC 6749 4.4).
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>

#include "config/config.h"
#include "router/https_client.h"

namespace veilroute::router {

/// One sender's. A token is never logged, nor part of an error. Errors: http.token-unreadable (the
/// file or the server's answer holds no token), http.token-exposed (others may read the file),
/// http.token-refused (the server does not know us), http.token-unreachable (it cannot be reached),
/// network.stopped. One thread.
class BearerToken {
 public:
  virtual ~BearerToken() = default;
  /// Null where the destination shows none.
  static Result<std::unique_ptr<BearerToken>> open(const config::Destination& destination);
  /// "Bearer ...", good until the next call.
  virtual Result<const Secret*> current(const std::stop_token& stop) = 0;
  /// The receiver does not take the one it was shown. True when the next current() may give
  /// another.
  virtual bool renew() = 0;
};

/// "Bearer " and a token, white space around it left out; http.token-unreadable unless it has the
/// characters of RFC 6750 2.1 alone.
Result<Secret> bearer_of(std::string_view token);

}  // namespace veilroute::router
