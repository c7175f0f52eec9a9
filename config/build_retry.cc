#include "config/build_retry.h"

#include <algorithm>

#include "config/check_parts.h"

namespace veilroute::config {

namespace {

void take_delays(const TableReader& table, RetryPolicy& policy) {
  const bool first = table.has("first_delay");
  const bool longest = table.has("longest_delay");
  if (first) policy.first_delay = table.seconds("first_delay");
  if (longest) policy.longest_delay = table.seconds("longest_delay");
  if (first && !longest) policy.longest_delay = std::max(policy.longest_delay, policy.first_delay);
  if (longest && !first) policy.first_delay = std::min(policy.first_delay, policy.longest_delay);
}

void take_all(const TableReader& table, RetryPolicy& policy) {
  take_delays(table, policy);
  if (table.has("most_attempts")) {
    policy.most_attempts = static_cast<unsigned>(table.number("most_attempts"));
  }
  if (table.has("factor")) policy.factor = table.real("factor");
  if (table.has("jitter")) policy.jitter = table.real("jitter");
  if (table.has("at_end")) {
    policy.at_end = table.text("at_end") == "refuse" ? AtEnd::refuse : AtEnd::hold;
  }
}

RetryPolicy with_general(const TableReader& retry, FailureClass one) {
  RetryPolicy policy = default_policy(one);
  if (one == FailureClass::tls_trust) return policy;
  const unsigned most = policy.most_attempts;
  take_all(retry, policy);
  if (one == FailureClass::own_fault) policy.most_attempts = most;
  return policy;
}

void check_delays(const TableReader& table, std::chrono::seconds first,
                  std::chrono::seconds longest) {
  if (table.is_faulty("first_delay") || table.is_faulty("longest_delay")) return;
  if (first <= longest) return;
  table.problem(table.place(table.has("first_delay") ? "first_delay" : "longest_delay"),
                std::string("\"first_delay\" is longer than \"longest_delay\"") +
                    note_of_default(table, "first_delay", "longest_delay"),
                "destination.delays-crossed");
}

/// What is written in this table, or else holds by default.
std::chrono::seconds delay_of(const TableReader& table, const char* key,
                              std::chrono::seconds otherwise) {
  return table.has(key) ? table.seconds(key) : otherwise;
}

}  // namespace

RetryPolicies build_retry(const TableReader& destination) {
  const TableReader retry = destination.below("retry");
  RetryPolicies policies;
  for (const FailureClass one : all_failure_classes()) {
    policies.at(one) = with_general(retry, one);
    const std::string word(to_string(one));
    if (retry.has(word)) take_all(retry.below(word), policies.at(one));
  }
  return policies;
}

void check_retry(const TableReader& destination) {
  if (!destination.has("retry") || destination.is_faulty("retry")) return;
  const TableReader retry = destination.below("retry");
  // A receiver that is off is what these keys are written for.
  const RetryPolicy base = default_policy(FailureClass::refused_connection);
  if (retry.has("first_delay") || retry.has("longest_delay")) {
    check_delays(retry, delay_of(retry, "first_delay", base.first_delay),
                 delay_of(retry, "longest_delay", base.longest_delay));
  }
  for (const FailureClass one : all_failure_classes()) {
    const std::string word(to_string(one));
    if (!retry.has(word) || retry.is_faulty(word)) continue;
    const TableReader own = retry.below(word);
    if (!own.has("first_delay") && !own.has("longest_delay")) continue;
    const RetryPolicy before = with_general(retry, one);
    check_delays(own, delay_of(own, "first_delay", before.first_delay),
                 delay_of(own, "longest_delay", before.longest_delay));
  }
}

}  // namespace veilroute::config
