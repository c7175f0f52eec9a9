// What every TLS connection of ours is held to, whoever makes it (PS3.15 B.12, B.13); of tls*.cc
// alone.
#pragma once

namespace veilroute::dicom {

inline constexpr int kTlsSecurityLevel = 2;
inline constexpr int kDeepestTlsChain = 5;
inline constexpr const char* kTls12Suites =
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
inline constexpr const char* kTls13Suites =
    "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256";

}  // namespace veilroute::dicom
