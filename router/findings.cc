#include "router/findings.h"

#include <algorithm>

namespace veilroute::router {
namespace {

/// More findings on one object tell a person nothing new, and the catalog row stays small.
constexpr std::size_t kMostFindings = 50;

std::string advice_for(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::corrupt:
      return "The object on disk is not what was received. Check the disk, and have the source "
             "send the study again.";
    case ErrorKind::invalid:
      return "The object cannot be read as its transfer syntax says. Have the source send it again, "
             "or withdraw it so that the rest can go.";
    default:
      return "This is a fault of the node, not of the object. Keep the study, and report the rule's "
             "name with the log of this hour.";
  }
}

}  // namespace

bool worth_later(const Error& error) {
  return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::exhausted;
}

store::Finding finding_of(const Error& error) {
  if (error.kind == ErrorKind::corrupt) return {{}, "object.corrupt", advice_for(error.kind)};
  if (error.kind == ErrorKind::internal) return {{}, "internal", advice_for(error.kind)};
  return {{}, error.slug, advice_for(error.kind)};
}

store::Finding finding_unreadable() {
  return {{}, "object.unreadable",
          "The disk does not give the object back. Check the disk and its cables, then have it "
          "prepared again, or have the source send the study again."};
}

store::Finding finding_of_state(std::string_view state) {
  return {{}, "object." + std::string(state), advice_for(ErrorKind::corrupt)};
}

bool is_among(const std::vector<store::Finding>& findings, std::string_view path,
              std::string_view rule) {
  return std::any_of(findings.begin(), findings.end(), [&](const store::Finding& each) {
    return each.path == path && each.rule == rule;
  });
}

void Findings::add(ObjectId object, const std::vector<profiles::Problem>& problems) {
  auto& all = findings_[object];
  for (const profiles::Problem& problem : problems) {
    if (all.size() >= kMostFindings) return;
    all.push_back({problem.path, problem.rule, problem.advice});
  }
}

bool Findings::has(ObjectId object, std::string_view path, std::string_view rule) const {
  const auto found = findings_.find(object);
  return found != findings_.end() && is_among(found->second, path, rule);
}

std::string Findings::first_rule() const {
  return findings_.empty() ? std::string() : findings_.begin()->second.front().rule;
}

std::vector<store::TransferObject> Findings::rows() const {
  std::vector<store::TransferObject> rows;
  for (const auto& [object, findings] : findings_) {
    store::TransferObject row;
    row.object = object;
    row.state = store::TransferObjectState::quarantined;
    row.reason = findings.front().rule;
    row.findings = findings;
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace veilroute::router
