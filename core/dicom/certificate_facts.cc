#include "core/dicom/certificate_facts.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <ctime>
#include <memory>

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

std::string name_for_people(const X509_NAME* name) {
  const std::string whole = whole_name(name);
  constexpr std::string_view kCommonName = "CN=";
  if (!whole.starts_with(kCommonName)) return whole;
  const std::size_t end = whole.find(',');
  return whole.substr(kCommonName.size(),
                      end == whole.npos ? whole.npos : end - kCommonName.size());
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
