// Development certificates by OpenSSL's X.509 functions.
#include "core/dicom/certificates.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>

#include "core/base/crypto.h"

namespace veilroute::dicom {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free_all(bio); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(BIGNUM* number) const { BN_free(number); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using Bio = std::unique_ptr<BIO, Free>;

Error failed(const char* step) {
  return make_error(ErrorKind::internal, "certificate.not-made",
                    std::string("a development certificate could not be made: ") + step);
}

Bio bio_of(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

/// One extension. The context lets "hash" and "keyid" refer to the two certificates.
bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_subject(X509* certificate, const std::string& common_name) {
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto add = [name](const char* field, const std::string& text) {
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      static_cast<int>(text.size()), -1, 0) == 1;
  };
  return add("O", "Veilroute development") && add("CN", common_name);
}

/// A random positive serial number of 127 bits (RFC 5280 4.1.2.2 allows 20 bytes).
bool set_serial(X509* certificate) {
  std::array<std::uint8_t, 16> bytes{};
  crypto::random_fill(bytes);
  bytes[0] = static_cast<std::uint8_t>((bytes[0] & 0x7FU) | 0x40U);
  const std::unique_ptr<BIGNUM, Free> number(
      BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

/// Version, serial, subject, key and dates; a little backdated for clocks that differ.
Result<Certificate> begin_certificate(EVP_PKEY* key, const std::string& common_name) {
  constexpr long kBackdatedSeconds = 3600;
  Certificate made(X509_new());
  if (!made || X509_set_version(made.get(), 2) != 1 || !set_serial(made.get()) ||
      !set_subject(made.get(), common_name) || X509_set_pubkey(made.get(), key) != 1 ||
      X509_gmtime_adj(X509_getm_notBefore(made.get()), -kBackdatedSeconds) == nullptr ||
      X509_gmtime_adj(X509_getm_notAfter(made.get()), kDevelopmentDays * 86400L) == nullptr) {
    return failed("its fields");
  }
  return made;
}

Result<CertificateWithKey> to_pem(X509* certificate, EVP_PKEY* key) {
  const Bio certificate_bio(BIO_new(BIO_s_mem()));
  const Bio key_bio(BIO_new(BIO_s_mem()));
  if (!certificate_bio || !key_bio || PEM_write_bio_X509(certificate_bio.get(), certificate) != 1 ||
      PEM_write_bio_PrivateKey(key_bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return failed("writing it");
  }
  return CertificateWithKey{text_of(certificate_bio.get()), text_of(key_bio.get())};
}

std::string alternative_names(const std::vector<std::string>& hosts) {
  std::string names;
  for (const std::string& host : hosts) {
    std::array<std::uint8_t, 16> address{};
    const bool is_address = inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
                            inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
    names += (names.empty() ? "" : ",") + std::string(is_address ? "IP:" : "DNS:") + host;
  }
  return names;
}

}  // namespace

Result<CertificateWithKey> make_development_authority(const std::string& name) {
  const Key key(EVP_RSA_gen(kDevelopmentKeyBits));
  if (!key) return failed("its key");
  VR_TRY(const Certificate made,
         begin_certificate(key.get(), "development authority of " + name + ", for tests only"));
  X509* certificate = made.get();
  if (X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) != 1 ||
      !add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !add_extension(certificate, certificate, NID_subject_key_identifier, "hash") ||
      X509_sign(certificate, key.get(), EVP_sha256()) == 0) {
    return failed("signing the authority");
  }
  return to_pem(certificate, key.get());
}

Result<CertificateWithKey> make_development_certificate(const CertificateWithKey& authority,
                                                        const std::string& name,
                                                        const std::vector<std::string>& hosts) {
  const Certificate issuer(
      PEM_read_bio_X509(bio_of(authority.certificate_pem).get(), nullptr, nullptr, nullptr));
  const Key issuer_key(
      PEM_read_bio_PrivateKey(bio_of(authority.key_pem).get(), nullptr, nullptr, nullptr));
  const Key key(EVP_RSA_gen(kDevelopmentKeyBits));
  if (!issuer || !issuer_key || !key) return failed("its keys");
  VR_TRY(const Certificate made, begin_certificate(key.get(), "development " + name));
  X509* certificate = made.get();
  const std::string names = alternative_names(hosts);
  if (X509_set_issuer_name(certificate, X509_get_subject_name(issuer.get())) != 1 ||
      !add_extension(certificate, issuer.get(), NID_basic_constraints, "critical,CA:FALSE") ||
      !add_extension(certificate, issuer.get(), NID_key_usage,
                     "critical,digitalSignature,keyEncipherment") ||
      !add_extension(certificate, issuer.get(), NID_ext_key_usage, "serverAuth,clientAuth") ||
      !add_extension(certificate, issuer.get(), NID_subject_key_identifier, "hash") ||
      !add_extension(certificate, issuer.get(), NID_authority_key_identifier, "keyid") ||
      (!names.empty() &&
       !add_extension(certificate, issuer.get(), NID_subject_alt_name, names)) ||
      X509_sign(certificate, issuer_key.get(), EVP_sha256()) == 0) {
    return failed("signing it");
  }
  return to_pem(certificate, key.get());
}

}  // namespace veilroute::dicom
