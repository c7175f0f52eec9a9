// The files that a configuration names: are they there, kept close, and of one piece?
#include <algorithm>
#include <array>

#include "config/check_parts.h"
#include "core/dicom/tls.h"

namespace veilroute::config {

namespace {

using std::filesystem::perms;

/// A key that everybody may read is everybody's key: no warning, since warnings stay for years. The
/// group may read a TLS key, as Debian's "ssl-cert" does.
perms forbidden(Readers readers) {
  switch (readers) {
    case Readers::anyone:
      return perms::none;
    case Readers::group:
      return perms::others_all | perms::group_write | perms::group_exec;
    case Readers::owner:
      return perms::others_all | perms::group_all;
  }
  return perms::all;
}

void check_plain(const TableReader& table, const TlsRules& rules) {
  for (const char* key : {"cert", "key", rules.ca}) {
    if (!table.has(key)) continue;
    table.problem(table.place(key),
                  "\"" + std::string(key) +
                      "\" is for dicom+tls, but \"protocol\" is \"dicom\", which encrypts nothing",
                  rules.needless);
  }
}

}  // namespace

std::string relative(std::string sentence, const std::filesystem::path& folder) {
  const std::string prefix = folder.string() + "/";
  for (std::size_t at = sentence.find(prefix); at != std::string::npos; at = sentence.find(prefix)) {
    sentence.erase(at, prefix.size());
  }
  return sentence;
}

bool check_file(const TableReader& table, std::string_view key, const std::filesystem::path& path,
                Readers readers) {
  const std::string name = "\"" + std::string(key) + "\": ";
  const std::string shown = relative(path.string(), table.folder());
  std::error_code code;
  const auto status = std::filesystem::status(path, code);
  if (!std::filesystem::is_regular_file(status)) {
    const bool something = std::filesystem::exists(status);
    table.problem(table.place(key),
                  name + shown + (something ? " is not a file" : " is not there"),
                  "config.missing-file");
    return false;
  }
  if ((status.permissions() & forbidden(readers)) == perms::none) return true;
  table.problem(table.place(key),
                name + "others than its owner can read or change this key; run: chmod " +
                    (readers == Readers::owner ? "400 " : "600 ") + shown,
                "config.exposed-key");
  return false;
}

void check_tls(const TableReader& table, const TlsRules& rules) {
  const std::string protocol = table.text("protocol");
  if (table.is_faulty("protocol")) return;
  if (protocol == "dicom") return check_plain(table, rules);
  if (protocol != "dicom+tls") return;
  bool whole = true;
  for (const char* key : {"cert", "key", rules.ca}) {
    if (table.is_faulty(key)) {
      whole = false;
    } else if (!table.has(key)) {
      table.problem(table.place(),
                    "\"" + std::string(key) + "\" is missing: dicom+tls needs cert, key and " +
                        rules.ca,
                    rules.missing);
      whole = false;
    } else {
      const Readers readers = key == std::string_view("key") ? Readers::group : Readers::anyone;
      whole = check_file(table, key, table.path(key), readers) && whole;
    }
  }
  if (!whole) return;
  using Side = dicom::TlsContext::Side;
  const auto made =
      dicom::TlsContext::open(rules.listens ? Side::listener : Side::sender,
                              {table.path("cert"), table.path("key"), table.path(rules.ca)});
  if (made.ok()) return;
  table.problem(table.place("cert"), relative(made.error().detail, table.folder()),
                "config.unusable-tls");
}

}  // namespace veilroute::config
