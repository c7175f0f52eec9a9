// The source itself as tests see it: every file of the rooms and of the tests, line by line.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace veilroute::house {

struct SourceFile {
  std::string path;  ///< relative to the repository, "core/base/result.h"
  std::vector<std::string> lines;

  [[nodiscard]] bool is_header() const { return path.ends_with(".h"); }
  /// "path:12", as editors open it.
  [[nodiscard]] std::string at(std::size_t line) const {
    return path + ":" + std::to_string(line + 1);
  }
};

inline const std::filesystem::path& root() {
  static const std::filesystem::path folder = VEILROUTE_SOURCE_DIR;
  return folder;
}

inline std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(std::move(line));
  return lines;
}

/// Every .h and .cc, by path.
inline std::vector<SourceFile> sources() {
  std::vector<SourceFile> files;
  for (const char* top : {"app", "config", "core", "profiles", "router", "scp", "tests"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root() / top)) {
      const auto extension = entry.path().extension();
      if (!entry.is_regular_file() || (extension != ".cc" && extension != ".h")) continue;
      files.push_back({entry.path().lexically_relative(root()).string(), lines_of(entry.path())});
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

/// What stands between `before` and the next `after` on a line; empty when it does not.
inline std::string between(std::string_view line, std::string_view before, std::string_view after) {
  const std::size_t from = line.find(before);
  if (from == std::string_view::npos) return {};
  const std::size_t start = from + before.size();
  const std::size_t to = line.find(after, start);
  if (to == std::string_view::npos) return {};
  return std::string(line.substr(start, to - start));
}

}  // namespace veilroute::house
