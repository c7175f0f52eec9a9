// A site for tests of the loader, with real keys and certificates in keys/.
#pragma once

#include <map>
#include <string>

#include "config/load.h"
#include "tests/support/certificates.h"
#include "tests/support/temporary_folder.h"

namespace veilroute::config::testing {

namespace fs = std::filesystem;

/// The day on which the tests load: noon of 2026-11-23, UTC.
inline TimePoint now() {
  using namespace std::chrono;
  return sys_days(year(2026) / 11 / 23) + hours(12);
}

inline std::vector<KnownProfile> profiles() {
  return {{ProfileName{"basic"},
           {"de-identified", "limited-data-set", "authorization", "treatment"}},
          {ProfileName{"loose"}, {"treatment", "baa"}},
          {ProfileName{"bare"}, {}}};
}

/// A site that is right and whole.
inline constexpr const char* kWholeSite = R"([site]
name = "north"
ae_title = "VEILROUTE"
[[listener]]
name = "ward"
protocol = "dicom"
bind = "127.0.0.1:11112"
[[listener]]
name = "tls"
protocol = "dicom+tls"
bind = "127.0.0.1:2762"
cert = "keys/node.crt"
key = "keys/node.key"
client_ca = "keys/ca.crt"
[[source]]
name = "er"
ae_title = "ER_CR1"
addresses = ["10.20.0.0/16"]
[[destination]]
name = "bone"
protocol = "dicom+tls"
host = "pacs.bone.example"
port = 2762
called_ae = "BONE"
ca = "keys/ca.crt"
cert = "keys/node.crt"
key = "keys/node.key"
gate = { basis = "de-identified", document = "DUA-2026-014", valid_until = 2099-12-31, approved_by = "privacy office" }
[[route]]
name = "hands"
when = 'source = "er" and BodyPartExamined = "HAND"'
destination = "bone"
profile = "basic"
basis = "de-identified"
consent = { required = false, reason = "de-identified data" }
)";

/// keys/: ca.crt, node.crt with node.key, other.key of another certificate, text.crt that is none,
/// and copies of node.key that the group (group.key) or everybody (everybody.key) may read.
class SiteFolder {
 public:
  SiteFolder() {
    const fs::path keys = path() / "keys";
    fs::create_directories(keys);
    const test::Authority authority(keys, "test");
    fs::copy_file(authority.ca(), keys / "ca.crt");
    [[maybe_unused]] const auto node = authority.issue("node");
    [[maybe_unused]] const auto other = authority.issue("other");
    folder_.write("keys/text.crt", "no certificate");
    folder_.write("keys/master.key", std::string(64, '0'));
    fs::copy_file(keys / "node.key", keys / "group.key");
    fs::copy_file(keys / "node.key", keys / "everybody.key");
    for (const char* own : {"master.key", "node.key", "other.key"}) set_mode(keys / own, 0600);
    set_mode(keys / "group.key", 0640);
    set_mode(keys / "everybody.key", 0644);
  }

  [[nodiscard]] const fs::path& path() const { return folder_.path(); }
  void write(const std::string& name, std::string_view text) const { folder_.write(name, text); }
  static void set_mode(const fs::path& file, unsigned mode) {
    fs::permissions(file, static_cast<fs::perms>(mode));
  }

  /// Loads `text` alone, as site.toml.
  [[nodiscard]] Loaded load_alone(std::string_view text) const {
    fs::remove_all(path() / "conf.d");
    write("site.toml", text);
    return load(path(), profiles(), now());
  }
  /// Loads `text` as conf.d/a.toml beside the whole site.
  [[nodiscard]] Loaded load_beside(std::string_view text) const {
    write("site.toml", kWholeSite);
    write("conf.d/a.toml", text);
    return load(path(), profiles(), now());
  }

 private:
  TemporaryFolder folder_;
};

/// All problems, one a line; warnings say so.
inline std::string lines_of(const std::vector<Problem>& problems) {
  std::string lines;
  for (const Problem& one : problems) {
    lines += (one.warning ? "warning: " : "") + one.text() + "\n";
  }
  return lines;
}

}  // namespace veilroute::config::testing
