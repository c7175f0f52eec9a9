#include "app/operations/init.h"

#include <algorithm>
#include <cctype>

#include "core/base/files.h"
#include "core/base/keyring.h"
#include "core/dicom/certificates.h"
#include "core/store/key_copy.h"
#include "core/store/sqlite/catalog.h"

namespace veilroute::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestAeTitle = 16;  // PS3.5 6.2
constexpr unsigned kPublic = 0644;
constexpr unsigned kSecret = 0600;

bool is_name(const std::string& text) {
  return !text.empty() && text.size() <= kLongestName &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '-';
         });
}

bool is_ae_title(const std::string& text) {
  return !text.empty() && text.size() <= kLongestAeTitle && text.front() != ' ' &&
         text.back() != ' ' && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return c >= 0x20 && c < 0x7F && c != '\\' && c != '"';
         });
}

bool is_endpoint(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 >= text.size()) return false;
  const std::string port = text.substr(colon + 1);
  const bool digits = port.size() <= 5 && std::all_of(port.begin(), port.end(), [](unsigned char c) {
                        return std::isdigit(c) != 0;
                      });
  return digits && std::stoul(port) <= 65535 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '.' || c == ':' || c == '-' || c == '[' || c == ']';
         });
}

Error wrong(const char* option, const char* rule) {
  return make_error(ErrorKind::invalid, "init.argument-invalid", std::string(option) + " " + rule);
}

Result<void> check(const NewSite& wanted) {
  if (!is_name(wanted.name)) {
    return wrong("--name", "takes 1 to 64 lower-case letters, digits and hyphens");
  }
  if (!is_ae_title(wanted.ae_title)) {
    return wrong("--ae-title", "takes 1 to 16 characters without backslash and quotation mark");
  }
  if (!is_endpoint(wanted.listen)) return wrong("--listen", "takes ADDRESS:PORT");
  if (!is_endpoint(wanted.partner)) return wrong("--partner", "takes HOST:PORT");
  return {};
}

Result<void> make_folders(const fs::path& folder) {
  std::error_code failure;
  if (fs::exists(folder, failure) && !fs::is_directory(folder, failure)) {
    return make_error(ErrorKind::refused, "site.folder-not-empty",
                      folder.string() + " is not a folder");
  }
  if (fs::is_directory(folder, failure) && !fs::is_empty(folder, failure)) {
    return make_error(ErrorKind::refused, "site.folder-not-empty",
                      folder.string() + " is not empty; name a new folder, so that nothing of yours "
                                        "is overwritten");
  }
  const auto files = real_files();
  for (const char* part : {"", "conf.d", "profiles", "keys", "state", "state/spool", "state/outbox",
                           "log"}) {
    VR_TRY(files->make_folder(folder / part));
  }
  return {};
}

class Maker {
 public:
  explicit Maker(const fs::path& folder) : folder_(folder) {}
  Result<void> write(const std::string& name, const std::string& text, unsigned mode) {
    VR_TRY(real_files()->make_folder((folder_ / name).parent_path()));
    VR_TRY(write_file_durably(folder_ / name, as_bytes(text), mode));
    made_.push_back(name);
    return {};
  }
  Result<void> write(const std::string& stem, const dicom::CertificateWithKey& pair) {
    VR_TRY(write(stem + ".crt", pair.certificate_pem, kPublic));
    return write(stem + ".key", pair.key_pem, kSecret);
  }
  void note(const std::string& name) { made_.push_back(name); }
  [[nodiscard]] std::vector<std::string> made() && { return std::move(made_); }

 private:
  fs::path folder_;
  std::vector<std::string> made_;
};

Result<void> make_certificates(const NewSite& wanted, Maker& maker) {
  const std::vector<std::string> hosts{"localhost", "127.0.0.1", "::1"};
  VR_TRY(const auto authority, dicom::make_development_authority(wanted.name));
  VR_TRY(maker.write("keys/development-ca", authority));
  VR_TRY(const auto node, dicom::make_development_certificate(authority, "node", hosts));
  VR_TRY(maker.write("keys/node", node));
  if (!wanted.demo) return {};
  VR_TRY(const auto partner, dicom::make_development_certificate(authority, "demo partner", hosts));
  return maker.write("keys/demo/partner", partner);
}

}  // namespace

Result<std::vector<std::string>> init_site(const NewSite& wanted) {
  VR_TRY(check(wanted));
  VR_TRY(make_folders(wanted.folder));
  Maker maker(wanted.folder);
  for (const auto& [name, text] : site_texts(wanted)) VR_TRY(maker.write(name, text, kSecret));
  const fs::path master_file = wanted.folder / "keys" / "master.key";
  VR_TRY(create_master_key(master_file));
  maker.note("keys/master.key");
  VR_TRY(make_certificates(wanted, maker));
  VR_TRY(const Secret master, read_master_key(wanted.folder, "file:keys/master.key"));
  VR_TRY(store::create_sqlite_catalog(wanted.folder / "state" / "catalog.db", master));
  maker.note("state/catalog.db");
  SystemClock clock;
  VR_TRY(const auto catalog,
         store::open_sqlite_catalog(wanted.folder / "state" / "catalog.db", master, clock));
  VR_TRY(store::keep_key_copy(store::key_copy_of(wanted.folder), catalog->keyring(), master));
  maker.note("keys/site.keys");
  return std::move(maker).made();
}

}  // namespace veilroute::app
