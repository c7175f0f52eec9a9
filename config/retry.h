// Retries: classes of errors, and for each how often and how long a transfer is tried again.
// Which error belongs to which class is in router/failure_class.h.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace veilroute::config {

/// Errors of sending that are treated alike. to_string() gives the names of the tables below
/// [destination.retry].
enum class FailureClass : std::uint8_t {
  refused_connection,  ///< nobody listens, no route, the name does not resolve
  tls_trust,  ///< a certificate is not trusted, expired, for another host, not the pinned one
  tls_other,  ///< a handshake failed for another reason
  rejected_for_good,   ///< the receiver says no to us, and means it (PS3.8 table 9-21, result 1)
  rejected_transient,  ///< the receiver says no for the moment (result 2)
  aborted,             ///< broken off in the middle
  timeout,             ///< no answer in time
  busy,                ///< no room: A7xx (PS3.4 B.2.3), 429 and 503 of HTTP
  object_refused,      ///< Cxxx, 0122 and the like: about the objects, not about the way to them
  own_fault,           ///< our disk, our files, our catalog
  other,               ///< none of these, or a word that nobody knows
};
inline constexpr std::size_t kFailureClasses = 11;
std::string_view to_string(FailureClass one);

/// What becomes of a transfer after its last attempt.
enum class AtEnd : std::uint8_t {
  hold,    ///< blocked: a person looks, and resumes it
  refuse,  ///< over; a person may take it up again
};

struct RetryPolicy {
  std::chrono::seconds first_delay{30};
  std::chrono::seconds longest_delay{600};
  unsigned most_attempts = 0;  ///< failures of one class in a row; 0: no end
  double factor = 2;           ///< each delay is so many times the one before; 1 or more
  double jitter = 0.2;         ///< at most this part of a delay is added to it; 0 to 1
  AtEnd at_end = AtEnd::hold;
};

/// Defaults that a hospital can live with; the reasons stand beside them in retry.cc.
RetryPolicy default_policy(FailureClass one);

/// A destination's policy for each class.
class RetryPolicies {
 public:
  RetryPolicies();  ///< the defaults
  [[nodiscard]] const RetryPolicy& at(FailureClass one) const {
    return policies_[static_cast<std::size_t>(one)];
  }
  RetryPolicy& at(FailureClass one) { return policies_[static_cast<std::size_t>(one)]; }
  /// The longest that any class waits, jitter left out.
  [[nodiscard]] std::chrono::seconds longest_delay() const;

 private:
  std::array<RetryPolicy, kFailureClasses> policies_;
};

/// Every class, in order.
const std::array<FailureClass, kFailureClasses>& all_failure_classes();

}  // namespace veilroute::config
