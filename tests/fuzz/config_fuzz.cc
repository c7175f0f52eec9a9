// Any bytes as site.toml, and as a condition. Properties: loading gives a configuration or says at
// least one thing that is wrong, never both; a condition that parses can be asked and explained, and
// its text parses again.
#include <stdlib.h>  // mkdtemp is POSIX, not the C++ library's

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "config/load.h"

namespace {

using namespace veilroute;

void must(bool holds) {
  if (!holds) std::abort();
}

/// An object with two values of everything.
class Anything : public config::Subject {
 public:
  [[nodiscard]] std::vector<std::string> values(const std::vector<dicom::Tag>&) const override {
    return {"CHEST", "5"};
  }
  [[nodiscard]] std::string about(std::string_view) const override { return "er-xray"; }
};

void check_condition(std::string_view text) {
  const auto condition = config::Condition::parse(text, {"site.toml", 1, 1});
  if (!condition.ok()) return must(condition.error().kind == ErrorKind::invalid);
  [[maybe_unused]] const bool any = condition->holds(Anything());
  must(!condition->explain(Anything()).empty());
  must(config::Condition::parse(condition->text(), {"site.toml", 1, 1}).ok());
}

/// A folder of its own, gone when the program ends.
struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "veilroute-fuzz-XXXXXX").string();
    must(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Folder() {
    std::error_code ignored;  // a folder that stays is untidy, not wrong
    std::filesystem::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
};

void check_site(std::string_view text) {
  static const Folder folder;
  std::ofstream(folder.path / "site.toml", std::ios::binary) << text;
  const std::vector<config::KnownProfile> profiles = {{ProfileName{"basic"}, {"de-identified"}}};
  const auto loaded = config::load(folder.path, profiles, TimePoint{});
  bool has_errors = false;
  for (const auto& problem : loaded.problems) {
    has_errors = has_errors || !problem.warning;
    must(!problem.what.empty() && !problem.slug.empty() && problem.place.file == "site.toml");
  }
  must((loaded.config == nullptr) == has_errors);
}

}  // namespace

/// The first byte chooses.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    check_condition(text);
  } else {
    check_site(text);
  }
  return 0;
}
