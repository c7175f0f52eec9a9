// TlsWatch: our rules for TLS connections that another library makes.
#include "core/dicom/tls_watch.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>

#include "core/dicom/certificate_facts.h"
#include "core/dicom/tls.h"
#include "core/dicom/tls_errors.h"
#include "core/dicom/tls_rules.h"

namespace veilroute::dicom {
namespace {

int watch_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

std::string sha256_of(const X509* certificate) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
  return to_hex(ByteView(digest.data(), size));
}

}  // namespace

TlsWatch::TlsWatch(std::string_view pin_sha256) : pin_(normal_pin(pin_sha256)) {}

bool TlsWatch::guard(SSL_CTX* context) {
  facts_ = {};
  verdict_ = X509_V_OK;
  wrong_pin_ = false;
  alert_ = -1;
  SSL_CTX_set_security_level(context, kTlsSecurityLevel);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify_depth(context, kDeepestTlsChain);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, &TlsWatch::verify, this);
  SSL_CTX_set_info_callback(context, &TlsWatch::learn);
  return SSL_CTX_set_ex_data(context, watch_index(), this) == 1 &&
         SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, kTls12Suites) == 1 &&
         SSL_CTX_set_ciphersuites(context, kTls13Suites) == 1;
}

int TlsWatch::verify(X509_STORE_CTX* store, void* watch) {
  return static_cast<TlsWatch*>(watch)->verify(store);
}

int TlsWatch::verify(X509_STORE_CTX* store) {
  const bool trusted = X509_verify_cert(store) == 1;
  if (!trusted) {
    verdict_ = X509_STORE_CTX_get_error(store);
    if (verdict_ == X509_V_OK) verdict_ = X509_V_ERR_UNSPECIFIED;
    return 0;
  }
  const X509* const leaf = X509_STORE_CTX_get0_cert(store);
  if (leaf == nullptr) {
    verdict_ = X509_V_ERR_UNSPECIFIED;
    return 0;
  }
  facts_.peer_sha256 = sha256_of(leaf);
  wrong_pin_ = !pin_.empty() && pin_ != facts_.peer_sha256;
  if (!wrong_pin_) return 1;
  X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

/// OpenSSL tells of the steps of every connection here.
void TlsWatch::learn(const SSL* ssl, int where, int value) {
  auto* const watch =
      static_cast<TlsWatch*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), watch_index()));
  if (watch == nullptr) return;
  if ((where & SSL_CB_HANDSHAKE_DONE) != 0) {
    watch->facts_.suite =
        std::string(SSL_get_version(ssl)) + " " + SSL_CIPHER_get_name(SSL_get_current_cipher(ssl));
    watch->facts_.chain = verified_chain_of(ssl);
  }
  const bool from_peer = (where & SSL_CB_ALERT) != 0 && (where & SSL_CB_READ) != 0;
  if (from_peer && value >> 8 == SSL3_AL_FATAL) watch->alert_ = value & 0xFF;
}

std::optional<Error> TlsWatch::trouble(unsigned long code) const {
  if (wrong_pin_) {
    return make_error(ErrorKind::unavailable, "tls.wrong-pin",
                      "the peer's certificate is not the pinned one");
  }
  if (verdict_ != X509_V_OK) {
    return describe_tls(ERR_PACK(ERR_LIB_SSL, 0, SSL_R_CERTIFICATE_VERIFY_FAILED), verdict_);
  }
  if (alert_ >= 0) {
    return describe_tls(
        ERR_PACK(ERR_LIB_SSL, 0, static_cast<unsigned long>(SSL_AD_REASON_OFFSET + alert_)), 0);
  }
  if (code == 0 || ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) return std::nullopt;
  return describe_tls(code, X509_V_OK);
}

}  // namespace veilroute::dicom
