// Findings of the router's own: why an object that could not be read or prepared is in quarantine.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "core/store/transfer.h"
#include "profiles/deidentify.h"

namespace veilroute::router {

/// True for failures that say nothing about the study: worth trying again later.
bool worth_later(const Error& error);

/// A failure as a finding on the object as a whole.
store::Finding finding_of(const Error& error);
/// The object could not be read for so long that nobody should wait any longer.
store::Finding finding_unreadable();
/// Why an object that is not live any more cannot be prepared: by the slug of its state.
store::Finding finding_of_state(std::string_view state);

bool is_among(const std::vector<store::Finding>& findings, std::string_view path,
              std::string_view rule);

/// The findings of one transfer, by object. One thread.
class Findings {
 public:
  void add(ObjectId object, store::Finding finding) {
    findings_[object].push_back(std::move(finding));
  }
  void add(ObjectId object, const std::vector<profiles::Problem>& problems);
  [[nodiscard]] bool empty() const { return findings_.empty(); }
  [[nodiscard]] bool has(ObjectId object) const { return findings_.contains(object); }
  /// True for an object that has this finding.
  [[nodiscard]] bool has(ObjectId object, std::string_view path, std::string_view rule) const;
  [[nodiscard]] std::size_t objects() const { return findings_.size(); }
  /// The rule of the first finding; empty when there is none.
  [[nodiscard]] std::string first_rule() const;
  /// As Catalog::quarantine_transfer takes them: only objects with findings.
  [[nodiscard]] std::vector<store::TransferObject> rows() const;

 private:
  std::map<ObjectId, std::vector<store::Finding>> findings_;
};

}  // namespace veilroute::router
