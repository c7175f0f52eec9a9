// What certificates say of themselves, for people: whose, by whom, until when.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"

using SSL = struct ssl_st;

namespace veilroute::dicom {

struct CertificateFacts {
  std::string subject;  ///< common name; without one the whole subject, "O=..., C=..."
  std::string issuer;   ///< the same of who signed it
  TimePoint expires;
  bool operator==(const CertificateFacts&) const = default;
};

/// The chain that was verified, the peer's own certificate first; empty before that. Names are cut
/// after 128 bytes. One thread at a time, as all of `ssl`.
std::vector<CertificateFacts> verified_chain_of(const SSL* ssl);

/// The certificates of a PEM file, in its order. `invalid` ("tls.file-unreadable") when there is
/// none that can be read. Any thread.
Result<std::vector<CertificateFacts>> read_certificates(const std::filesystem::path& file);

}  // namespace veilroute::dicom
