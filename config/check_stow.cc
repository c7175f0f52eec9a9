// Destinations by STOW-RS: what they need, and what belongs to other protocols. Encrypted wherever
// anything leaves this machine, as all destinations.
#include "config/check_parts.h"
#include "config/url.h"
#include "config/words.h"
#include "core/dicom/tls.h"

namespace veilroute::config {

namespace {

constexpr const char* kDicomKeys[] = {"host", "port", "called_ae"};
constexpr const char* kStowKeys[] = {"url",         "crl",           "token_file", "oauth",
                                     "batch_bytes", "batch_objects", "say_syntax", "qido"};
constexpr const char* kTlsKeys[] = {"ca", "cert", "key", "cert_sha256", "crl"};

/// The sentence that a key of keys() has.
std::string sentence_of(std::string_view key) {
  for (const KeyInfo& info : keys()) {
    if (info.table == "destination" && info.key == key) return info.what;
  }
  return {};
}

void require(const TableReader& table, std::string_view key) {
  if (table.has(key)) return;
  table.problem(table.place(), "\"" + std::string(key) + "\" is missing: " + sentence_of(key),
                "config.missing-key");
}

void check_dicom_keys(const TableReader& table) {
  for (const std::string_view key : kDicomKeys) {
    const bool given = table.has("endpoints") && key != "called_ae";
    if (!given) require(table, key);
  }
  for (const char* key : kStowKeys) {
    if (!table.has(key)) continue;
    table.problem(table.place(key),
                  "\"" + std::string(key) + "\" is for protocol = \"stow\", which this is not",
                  "destination.needless-key");
  }
}

void check_plain_http(const TableReader& table, const std::string& host) {
  if (!host.empty() && !is_loopback(host)) {
    table.problem(table.place("url"),
                  "plain http is for this machine alone (localhost); to send to another, use https",
                  "destination.not-encrypted");
    return;
  }
  for (const char* key : kTlsKeys) {
    if (!table.has(key)) continue;
    table.problem(table.place(key),
                  "\"" + std::string(key) + "\" is for https, but \"url\" is plain http",
                  "destination.needless-tls-file");
  }
}

/// True when the file stands there as it must; what is missing or faulty is reported already.
bool check_named(const TableReader& table, const char* key, Readers readers) {
  if (!table.has(key) || table.is_faulty(key)) return false;
  return check_file(table, key, table.path(key), readers);
}

void check_https(const TableReader& table) {
  if (!table.has("ca")) {
    table.problem(table.place(), "\"ca\" is missing: https needs to know whom to trust",
                  "destination.missing-tls-file");
  }
  if (table.has("cert") != table.has("key")) {
    table.problem(table.place(table.has("cert") ? "cert" : "key"),
                  "\"cert\" and \"key\" go together: write both, or none where the receiver asks "
                  "for no certificate",
                  "destination.missing-tls-file");
    return;
  }
  check_named(table, "crl", Readers::anyone);
  bool whole = check_named(table, "ca", Readers::anyone);
  if (table.has("cert")) {
    whole = check_named(table, "cert", Readers::anyone) && whole;
    whole = check_named(table, "key", Readers::group) && whole;
  }
  if (!whole) return;
  const auto made = dicom::TlsContext::open(
      dicom::TlsContext::Side::sender, {table.path("cert"), table.path("key"), table.path("ca")});
  if (made.ok()) return;
  table.problem(table.place(table.has("cert") ? "cert" : "ca"),
                relative(made.error().detail, table.folder()), "config.unusable-tls");
}

void check_oauth(const TableReader& table) {
  if (!table.has("oauth") || table.is_faulty("oauth")) return;
  const TableReader oauth = table.below("oauth");
  check_named(oauth, "client_secret_file", Readers::group);
  check_named(oauth, "ca", Readers::anyone);
  const auto url = parse_url(oauth.text("token_url"));
  if (!url) return;
  if (!url->encrypted && !is_loopback(url->address.host)) {
    oauth.problem(oauth.place("token_url"),
                  "plain http is for this machine alone (localhost); secrets need https",
                  "destination.not-encrypted");
  }
  if (url->encrypted && !oauth.has("ca") && !table.has("ca")) {
    oauth.problem(oauth.place(), "\"ca\" is missing: https needs to know whom to trust",
                  "destination.missing-tls-file");
  }
}

}  // namespace

void check_stow(const TableReader& table, const Destination& destination) {
  if (table.is_faulty("protocol")) return;
  if (destination.protocol != Protocol::stow) return check_dicom_keys(table);
  require(table, "url");
  for (const char* key : {"host", "port", "endpoints", "called_ae", "calling_ae"}) {
    if (!table.has(key)) continue;
    table.problem(table.place(key),
                  "\"" + std::string(key) +
                      "\" is for DICOM; with protocol = \"stow\" the \"url\" "
                      "says where to send",
                  "destination.needless-key");
  }
  if (table.has("token_file") && table.has("oauth")) {
    table.problem(table.place("oauth"), "\"token_file\" and \"oauth\" exclude each other",
                  "destination.two-tokens");
  }
  check_named(table, "token_file", Readers::group);
  check_oauth(table);
  if (!table.has("url") || table.is_faulty("url")) return;
  if (destination.stow->encrypted) return check_https(table);
  check_plain_http(table, destination.address.host);
}

}  // namespace veilroute::config
