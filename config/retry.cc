#include "config/retry.h"

#include <algorithm>

namespace veilroute::config {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

struct ClassRow {
  FailureClass one;
  std::string_view word;
  RetryPolicy policy;  ///< first delay, longest delay, most attempts, factor, jitter, at the end
};

constexpr ClassRow kClasses[] = {
    // A receiver that is off for a night or a week is the commonest failure of all. Nothing may be
    // given up for it; ten minutes is what a person accepts between "it runs again" and "it
    // arrives".
    {FailureClass::refused_connection,
     "refused-connection",
     {seconds(30), minutes(10), 0, 2, 0.2, AtEnd::hold}},
    // Never mends itself within minutes, and each try shows a possible impostor that we are here.
    // One
    // probe in a quarter of an hour finds a renewed certificate soon enough; a person may ask at
    // once.
    {FailureClass::tls_trust, "tls-trust", {minutes(15), minutes(15), 0, 1, 0.2, AtEnd::hold}},
    // Versions, cipher suites, or our certificate there: settings on either side, mended within
    // hours
    // by people who then expect it to go on.
    {FailureClass::tls_other, "tls-other", {minutes(1), minutes(15), 0, 2, 0.2, AtEnd::hold}},
    // Our AE title is not known there. The second and third try are for a receiver that says so
    // while
    // it starts; after that a person must call somebody, and should see it waiting.
    {FailureClass::rejected_for_good,
     "rejected-for-good",
     {minutes(1), minutes(10), 3, 3, 0.2, AtEnd::hold}},
    // It has as many associations as it takes: a slot falls free within seconds to minutes.
    {FailureClass::rejected_transient,
     "rejected-transient",
     {seconds(15), minutes(5), 0, 2, 0.2, AtEnd::hold}},
    // Often one object that the receiver cannot bear. Others pass, so an end is needed; ten tries
    // outlast a restart there.
    {FailureClass::aborted, "aborted", {seconds(30), minutes(30), 10, 2, 0.2, AtEnd::hold}},
    // Overloaded, or packets are swallowed: as a receiver that is off, but each try costs a thread
    // a minute, so the tries lie further apart.
    {FailureClass::timeout, "timeout", {minutes(1), minutes(15), 0, 2, 0.2, AtEnd::hold}},
    // No room there. It asks us to come later, and somebody has to make room: without an end.
    {FailureClass::busy, "busy", {minutes(1), minutes(30), 0, 2, 0.2, AtEnd::hold}},
    // Those objects that were refused are over (PS3.4 B.2.3: Cxxx is not worth another try). What
    // had
    // not had its turn goes again a few times.
    {FailureClass::object_refused,
     "object-refused",
     {minutes(1), minutes(10), 3, 2, 0.2, AtEnd::refuse}},
    // The receiver is not to blame, and neither are the data: it goes on once our disk does.
    {FailureClass::own_fault, "own-fault", {seconds(30), minutes(10), 0, 2, 0.2, AtEnd::hold}},
    // Nobody knows what it is, so a person has to see it some day; twenty tries take most of a day.
    {FailureClass::other, "other", {seconds(30), minutes(60), 20, 2, 0.2, AtEnd::hold}},
};
static_assert(std::size(kClasses) == kFailureClasses);

const ClassRow& row_of(FailureClass one) { return kClasses[static_cast<std::size_t>(one)]; }

}  // namespace

std::string_view to_string(FailureClass one) { return row_of(one).word; }

RetryPolicy default_policy(FailureClass one) { return row_of(one).policy; }

RetryPolicies::RetryPolicies() : policies_{} {
  for (const FailureClass one : all_failure_classes()) at(one) = default_policy(one);
}

std::chrono::seconds RetryPolicies::longest_delay() const {
  return std::max_element(policies_.begin(), policies_.end(),
                          [](const RetryPolicy& a, const RetryPolicy& b) {
                            return a.longest_delay < b.longest_delay;
                          })
      ->longest_delay;
}

const std::array<FailureClass, kFailureClasses>& all_failure_classes() {
  static constexpr std::array<FailureClass, kFailureClasses> kAll = {
      FailureClass::refused_connection,
      FailureClass::tls_trust,
      FailureClass::tls_other,
      FailureClass::rejected_for_good,
      FailureClass::rejected_transient,
      FailureClass::aborted,
      FailureClass::timeout,
      FailureClass::busy,
      FailureClass::object_refused,
      FailureClass::own_fault,
      FailureClass::other};
  return kAll;
}

}  // namespace veilroute::config
