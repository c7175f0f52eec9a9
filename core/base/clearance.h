// Clearance: proof that verification passed for exactly this manifest.
#pragma once

#include "core/base/bytes.h"

namespace veilroute {

namespace profiles {
class ClearanceOffice;  // in profiles/verify.cc: the only maker
}

/// Names the digest of the transfer's manifest (outbox records, object digests, profile version).
/// Only profiles::Verifier::clear makes one, after each record of the manifest has passed its check,
/// so that nothing can be queued unverified.
class Clearance {
 public:
  [[nodiscard]] const Digest& manifest() const { return manifest_; }

 private:
  friend class profiles::ClearanceOffice;
  explicit Clearance(const Digest& manifest) : manifest_(manifest) {}
  Digest manifest_;
};

}  // namespace veilroute
