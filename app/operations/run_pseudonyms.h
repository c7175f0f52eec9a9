// RunPseudonyms: pseudonym rows of one run of `deidentify` without a site: all keyed by the run's
// secret, so that the same secret gives the same copies.
#pragma once

#include <map>

#include "core/store/catalog.h"

namespace veilroute::app {

/// One thread.
class RunPseudonyms {
 public:
  /// 32 bytes: fresh, or those of an earlier run.
  explicit RunPseudonyms(Secret secret) : secret_(std::move(secret)) {}
  /// The row of a patient (or of a study alone, where there is no Patient ID). Two patients never
  /// share a pseudonym within a run, nor two studies an accession number.
  store::PseudonymRow row(const store::PseudonymSubject& subject);

 private:
  [[nodiscard]] Digest draw(std::string_view purpose, std::uint32_t attempt,
                            const Digest& subject) const;
  store::PseudonymRow make(const Digest& subject);

  Secret secret_;
  std::map<std::string, Digest> taken_;  ///< word → whose
};

}  // namespace veilroute::app
