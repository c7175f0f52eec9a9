// Development certificates: enough to try DICOM over TLS on one machine, named so that nobody takes
// them for more. What a site uses with partners comes from its own authority.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"

namespace veilroute::dicom {

/// A certificate and its private key as PEM text. The key is a secret: write it with mode 0600.
struct CertificateWithKey {
  std::string certificate_pem;
  std::string key_pem;
};

/// RSA-3072, since DCMTK's peers refuse elliptic curves in their TLS 1.2 default profile.
inline constexpr unsigned kDevelopmentKeyBits = 3072;
inline constexpr int kDevelopmentDays = 730;

/// A self-signed authority; `name` becomes part of its subject, after the word "development".
Result<CertificateWithKey> make_development_authority(const std::string& name);

/// A certificate signed by `authority`, for both ends of a connection (server and client), valid for
/// `hosts` (names and addresses as subject alternative names).
Result<CertificateWithKey> make_development_certificate(const CertificateWithKey& authority,
                                                        const std::string& name,
                                                        const std::vector<std::string>& hosts);

}  // namespace veilroute::dicom
