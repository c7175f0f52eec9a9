// TLS for listeners and senders: one set-up (technology.md 4; PS3.15 B.12, B.13, RFC 8996).
// TLS 1.2 and 1.3, ECDHE with AES-GCM or ChaCha20, security level 2, no renegotiation, no
// compression, no resumption: every connection shows its certificate afresh.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/thread.h"
#include "core/dicom/transport.h"

namespace veilroute::dicom {

struct TlsFiles {
  std::filesystem::path cert;  ///< PEM, own certificate first, then its chain
  std::filesystem::path key;   ///< PEM, without a password
  std::filesystem::path ca;    ///< PEM, who may have signed the other side; never the system's
};

/// A certificate's digest as TlsFacts has it, lower-case hexadecimal without colons, from whatever
/// tool it was pasted.
std::string normal_pin(std::string_view text);

/// Makes TLS channels. The files are looked at for every connection: what changed on disk is used
/// for the next one, without a restart. While they cannot be used no connection is made.
///
/// Errors when loading: tls.file-unreadable, tls.key-mismatch, tls.key-too-weak.
/// Errors of a handshake, or of the first read in TLS 1.3: tls.certificate-expired,
/// tls.certificate-not-yet-valid, tls.unknown-ca, tls.wrong-host, tls.wrong-pin,
/// tls.certificate-missing, tls.certificate-too-weak, tls.wrong-purpose, tls.certificate-rejected
/// (ours, about the peer's), tls.peer-rejects-us (the peer, about ours), tls.no-common-version,
/// tls.not-tls, tls.handshake-failed. Any thread.
class TlsContext {
 public:
  enum class Side : bool { listener, sender };
  /// Loads the files once, so that mistakes show at start. A sender may go without cert and key, where
  /// the receiver asks for no certificate.
  static Result<std::unique_ptr<TlsContext>> open(Side side, TlsFiles files);
  ~TlsContext();

  /// The listener's side: asks for a certificate and insists on it.
  Result<std::unique_ptr<Channel>> accept(Descriptor socket);
  /// The sender's side: the certificate must be for `host` (a name or an address) and, where
  /// `pin_sha256` (hexadecimal) is given, be exactly that one.
  Result<std::unique_ptr<Channel>> connect(Descriptor socket, const std::string& host,
                                           const std::string& pin_sha256);

 private:
  struct Loaded;
  TlsContext(Side side, TlsFiles files) : side_(side), files_(std::move(files)) {}
  Result<std::shared_ptr<Loaded>> current();

  Side side_;
  TlsFiles files_;
  Mutex mutex_;
  std::shared_ptr<Loaded> loaded_ VR_GUARDED_BY(mutex_);
};

}  // namespace veilroute::dicom
