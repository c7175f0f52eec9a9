// What OpenSSL says when a handshake fails, in our sentences.
#include "core/dicom/tls_errors.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <string>

namespace veilroute::dicom {
namespace {

struct Sentence {
  long code;
  ErrorKind kind;
  const char* slug;
  const char* detail;
};

/// Why we do not trust the peer's certificate.
constexpr Sentence kDistrust[] = {
    {X509_V_ERR_CERT_HAS_EXPIRED, ErrorKind::unavailable, "tls.certificate-expired",
     "a certificate of the peer has expired"},
    {X509_V_ERR_CERT_NOT_YET_VALID, ErrorKind::unavailable, "tls.certificate-not-yet-valid",
     "a certificate of the peer is not valid yet, or this machine's clock is behind"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, ErrorKind::unavailable, "tls.unknown-ca",
     "the peer's certificate was not signed by the configured CA"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, ErrorKind::unavailable, "tls.unknown-ca",
     "the peer's certificate was not signed by the configured CA"},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, ErrorKind::unavailable, "tls.unknown-ca",
     "the peer's certificate was not signed by the configured CA"},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, ErrorKind::unavailable, "tls.unknown-ca",
     "the peer's certificate was not signed by the configured CA"},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, ErrorKind::unavailable, "tls.unknown-ca",
     "the peer's certificate is signed by itself, not by the configured CA"},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, ErrorKind::unavailable, "tls.unknown-ca",
     "the peer's certificate leads to a CA that is not the configured one"},
    {X509_V_ERR_HOSTNAME_MISMATCH, ErrorKind::unavailable, "tls.wrong-host",
     "the peer's certificate is for another host name"},
    {X509_V_ERR_IP_ADDRESS_MISMATCH, ErrorKind::unavailable, "tls.wrong-host",
     "the peer's certificate is for another address"},
    {X509_V_ERR_EE_KEY_TOO_SMALL, ErrorKind::unavailable, "tls.certificate-too-weak",
     "the key of the peer's certificate is too short"},
    {X509_V_ERR_CA_KEY_TOO_SMALL, ErrorKind::unavailable, "tls.certificate-too-weak",
     "the key of the peer's CA is too short"},
    {X509_V_ERR_CA_MD_TOO_WEAK, ErrorKind::unavailable, "tls.certificate-too-weak",
     "the peer's certificate is signed with an outdated digest"},
    {X509_V_ERR_INVALID_PURPOSE, ErrorKind::unavailable, "tls.wrong-purpose",
     "the peer's certificate is not made for this side of a connection"},
    {X509_V_ERR_CERT_REVOKED, ErrorKind::unavailable, "tls.certificate-revoked",
     "a certificate of the peer was revoked"},
    {X509_V_ERR_UNABLE_TO_GET_CRL, ErrorKind::unavailable, "tls.crl-missing",
     "the list of revoked certificates has none of the authority of the peer's certificate"},
    {X509_V_ERR_CRL_HAS_EXPIRED, ErrorKind::unavailable, "tls.crl-expired",
     "the list of revoked certificates is out of date"},
};

/// Why the peer does not trust us, or why we have nothing in common.
constexpr Sentence kReasons[] = {
    {SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, ErrorKind::refused, "tls.certificate-missing",
     "the peer showed no certificate"},
    {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, ErrorKind::unavailable, "tls.peer-rejects-us",
     "the peer asks for a certificate of ours"},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA, ErrorKind::unavailable, "tls.peer-rejects-us",
     "the peer does not know the CA of our certificate"},
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, ErrorKind::unavailable, "tls.peer-rejects-us",
     "the peer does not accept our certificate"},
    {SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, ErrorKind::unavailable, "tls.peer-rejects-us",
     "the peer does not accept this type of certificate"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, ErrorKind::unavailable, "tls.peer-rejects-us",
     "the peer does not accept our certificate"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, ErrorKind::unavailable, "tls.peer-rejects-us",
     "the peer says that our certificate has expired"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, ErrorKind::unavailable, "tls.peer-rejects-us",
     "the peer says that our certificate was revoked"},
    {SSL_R_TLSV1_ALERT_ACCESS_DENIED, ErrorKind::unavailable, "tls.peer-rejects-us",
     "the peer denies us access"},
    {SSL_R_TLSV1_ALERT_DECRYPT_ERROR, ErrorKind::unavailable, "tls.peer-rejects-us",
     "the peer could not check our signature"},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, ErrorKind::unavailable, "tls.no-common-version",
     "no TLS version in common: 1.2 or later is needed"},
    {SSL_R_UNSUPPORTED_PROTOCOL, ErrorKind::unavailable, "tls.no-common-version",
     "no TLS version in common: 1.2 or later is needed"},
    {SSL_R_NO_SHARED_CIPHER, ErrorKind::unavailable, "tls.no-common-version",
     "no cipher suite in common: ECDHE with AES-GCM is needed"},
    {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, ErrorKind::unavailable, "tls.handshake-failed",
     "the peer broke off the handshake: no cipher suite in common, or it wants another certificate"},
    {SSL_R_HTTP_REQUEST, ErrorKind::invalid, "tls.not-tls", "the peer does not speak TLS"},
    {SSL_R_WRONG_VERSION_NUMBER, ErrorKind::unavailable, "tls.not-tls",
     "the peer does not speak TLS"},
};

Error say(const Sentence& sentence) {
  return make_error(sentence.kind, sentence.slug, sentence.detail);
}

/// What was found wrong with the peer's certificate.
Error describe_distrust(long verdict) {
  for (const Sentence& sentence : kDistrust) {
    if (sentence.code == verdict) return say(sentence);
  }
  return make_error(ErrorKind::unavailable, "tls.certificate-rejected",
                    std::string("the peer's certificate was not accepted: ") +
                        X509_verify_cert_error_string(verdict));
}

}  // namespace

Error describe_tls(unsigned long code, long verdict) {
  const int reason = ERR_GET_REASON(code);
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) return describe_distrust(verdict);
  for (const Sentence& sentence : kReasons) {
    if (sentence.code == reason) return say(sentence);
  }
  const char* words = ERR_reason_error_string(code);
  return make_error(ErrorKind::unavailable, "tls.handshake-failed",
                    std::string("TLS failed: ") + (words ? words : "no reason given"));
}

Error describe_tls(SSL* ssl) {
  const unsigned long code = ERR_peek_error();
  ERR_clear_error();
  return describe_tls(code, SSL_get_verify_result(ssl));
}

}  // namespace veilroute::dicom
