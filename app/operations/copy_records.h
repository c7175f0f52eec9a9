// CopyRecords: what a run of `deidentify` leaves in writing: the report (what became of each file)
// and the map (which identity became which). Both identify people: mode 0600, never replaced.
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include "app/message.h"
#include "app/operations/source_studies.h"
#include "core/base/files.h"

namespace veilroute::app {

/// One outcome as JSON: {"source", "output"} | {"source", "held" | "left_out": rule, "findings"}.
json describe(const FileOutcome& outcome);

/// An identity and what stands for it in the copies.
struct MappedId {
  Phi<std::string> original;
  std::string replacement;
};

/// One thread.
class CopyRecords {
 public:
  /// Empty paths: not wanted. `refused` ("file.exists") when one is there.
  static Result<CopyRecords> open(const std::filesystem::path& report,
                                  const std::filesystem::path& map);
  /// One line of JSON.
  Result<void> add(const FileOutcome& outcome);
  /// One row of CSV (quoted as in RFC 4180), once for each pair.
  Result<void> add(const MappedId& id);
  [[nodiscard]] bool wants_map() const { return map_ != nullptr; }
  Result<void> finish();

 private:
  std::unique_ptr<File> report_;
  std::unique_ptr<File> map_;
  std::set<std::string> rows_;
};

}  // namespace veilroute::app
