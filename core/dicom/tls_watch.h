// TlsWatch: our rules for TLS connections that another library makes (libcurl), and what is learnt
// from them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/dicom/transport.h"

struct ssl_ctx_st;
struct ssl_st;
struct x509_store_ctx_st;

namespace veilroute::dicom {

/// The pin is compared while the peer's certificate is verified, thus before a byte of ours leaves.
/// Outlives every connection made from the contexts it guards. One thread.
class TlsWatch {
 public:
  /// `pin_sha256`: as config has it; empty: any certificate that the CA signed.
  explicit TlsWatch(std::string_view pin_sha256);
  TlsWatch(const TlsWatch&) = delete;
  TlsWatch& operator=(const TlsWatch&) = delete;

  /// Puts a context that was set up for a sender, CA and own certificate in it, under the rules of
  /// tls.h. False when OpenSSL refuses them: then no connection may be made from it. Forgets what
  /// the last one taught.
  bool guard(ssl_ctx_st* context);

  /// Of the connection that was made last.
  [[nodiscard]] const TlsFacts& facts() const { return facts_; }
  /// Why the last connection failed as far as TLS knows, in the slugs of tls.h; nothing when it
  /// knows of no fault. `code`: the error code of OpenSSL that the other library saw, or 0.
  [[nodiscard]] std::optional<Error> trouble(unsigned long code) const;

 private:
  static int verify(x509_store_ctx_st* store, void* watch);
  static void learn(const ssl_st* ssl, int where, int value);
  int verify(x509_store_ctx_st* store);

  std::string pin_;
  TlsFacts facts_;
  long verdict_ = 0;  ///< of the verification; 0: fine
  bool wrong_pin_ = false;
  int alert_ = -1;  ///< with which the peer ended the connection
};

}  // namespace veilroute::dicom
