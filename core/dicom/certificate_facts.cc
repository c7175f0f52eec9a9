#include "core/dicom/certificate_facts.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>

#include "core/base/bytes.h"

namespace veilroute::dicom {
namespace {

constexpr int kLongestName = 128;

/// In one line, with control characters escaped: it goes to a terminal.
std::string whole_name(const X509_NAME* name) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) return {};
  std::array<char, kLongestName> text{};
  const int length = BIO_read(out.get(), text.data(), kLongestName);
  return {text.data(), static_cast<std::size_t>(std::max(length, 0))};
}

/// In UTF-8; empty where there is none.
std::string common_name(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return {};
  unsigned char* text = nullptr;
  const int length =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  if (length < 0) return {};
  std::string found(
      as_text(ByteView(text, static_cast<std::size_t>(std::min(length, kLongestName)))));
  OPENSSL_free(text);
  return found;
}

std::string name_for_people(const X509_NAME* name) {
  std::string common = common_name(name);
  return common.empty() ? whole_name(name) : common;
}

TimePoint time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return std::chrono::time_point_cast<Duration>(
      std::chrono::system_clock::from_time_t(::timegm(&parts)));
}

CertificateFacts facts_of(const X509* certificate) {
  return {name_for_people(X509_get_subject_name(certificate)),
          name_for_people(X509_get_issuer_name(certificate)),
          time_of(X509_get0_notAfter(certificate))};
}

}  // namespace

std::vector<CertificateFacts> verified_chain_of(const SSL* ssl) {
  std::vector<CertificateFacts> chain;
  const STACK_OF(X509)* const certificates = SSL_get0_verified_chain(ssl);
  if (certificates == nullptr) return chain;
  for (int i = 0; i < sk_X509_num(certificates); ++i) {
    chain.push_back(facts_of(sk_X509_value(certificates, i)));
  }
  return chain;
}

Result<std::vector<CertificateFacts>> read_certificates(const std::filesystem::path& file) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(BIO_new_file(file.c_str(), "rb"), &BIO_free);
  std::vector<CertificateFacts> found;
  while (in) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), &X509_free);
    if (!certificate) break;
    found.push_back(facts_of(certificate.get()));
  }
  ERR_clear_error();
  if (found.empty()) {
    return make_error(ErrorKind::invalid, "tls.file-unreadable",
                      file.string() + ": no usable certificate in PEM form");
  }
  return found;
}

}  // namespace veilroute::dicom
