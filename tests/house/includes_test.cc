// Rooms lean one way only (ARCHITECTURE.md), and each library is named at its edge alone
// (CONTRIBUTING.md). Read from the #include lines, so that a wrong one fails before it links.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/house/sources.h"

namespace veilroute::house {
namespace {

/// The room of "core/base/x.h" is "core/base", of "scp/x.h" it is "scp".
std::string room_of(const std::string& path) {
  const std::size_t first = path.find('/');
  if (first == std::string::npos) return {};
  const std::string top = path.substr(0, first);
  if (top != "core") return top;
  return path.substr(0, path.find('/', first + 1));
}

const std::map<std::string, std::set<std::string>>& may_include() {
  static const std::map<std::string, std::set<std::string>> table = {
      {"core/base", {}},
      {"core/dicom", {"core/base"}},
      {"core/store", {"core/base", "core/dicom"}},
      {"config", {"core/base", "core/dicom"}},
      {"profiles", {"core/base", "core/dicom"}},
      {"scp", {"core/base", "core/dicom", "core/store", "config"}},
      {"router", {"core/base", "core/dicom", "core/store", "config", "profiles"}},
      {"app", {"core/base", "core/dicom", "core/store", "config", "profiles", "scp", "router"}},
  };
  return table;
}

struct Edge {
  std::string_view library;               ///< how its headers' names begin
  std::vector<std::string_view> allowed;  ///< paths, or how they begin
};

const Edge kEdges[] = {
    {"dcmtk/", {"core/dicom/second_reader.cc"}},
    {"openssl/", {"core/base/crypto.cc", "core/dicom/tls", "core/dicom/certificate"}},
    {"sqlite3", {"core/store/sqlite/"}},
    {"spdlog/", {"core/base/log."}},
    {"fmt/", {"core/base/log."}},
    {"toml++/", {"core/base/toml.cc"}},
    {"zlib", {"core/dicom/inflate.cc"}},
    {"utf8proc", {"core/base/unicode.cc"}},
    {"iconv", {"core/dicom/charset_tables.cc"}},
    {"nlohmann/", {"app/", "router/bounded_json.h"}},
    {"curl/", {"router/https_client.cc", "router/https_errors.cc", "app/watch/mail.cc"}},
    {"expat", {"router/stow_answer_xml.cc"}},
    {"Poco/", {"app/watch/monitor.cc"}},
    {"CLI/", {"app/cli/arguments.cc"}},
};

TEST(Includes, LeanOneWayOnly) {
  std::size_t read = 0;
  for (const SourceFile& file : sources()) {
    const std::string room = room_of(file.path);
    if (room == "tests") continue;
    ASSERT_TRUE(may_include().contains(room)) << file.path << " stands in a room nobody knows";
    const auto& allowed = may_include().at(room);
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string included = between(file.lines[i], "#include \"", "\"");
      if (included.empty()) continue;
      ++read;
      const std::string other = room_of(included);
      EXPECT_TRUE(other == room || allowed.contains(other))
          << file.at(i) << " leans on " << included << ": " << room << " may not include " << other;
    }
  }
  EXPECT_GT(read, 100U) << "the check found no includes to check";
}

TEST(Includes, NameOnlyFilesThatExist) {
  for (const SourceFile& file : sources()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      if (!file.lines[i].starts_with("#include \"")) continue;
      const std::string included = between(file.lines[i], "#include \"", "\"");
      EXPECT_TRUE(std::filesystem::exists(root() / included))
          << file.at(i) << " includes " << included << ", which is not a path from the top";
    }
  }
}

TEST(Includes, NameEachLibraryAtItsEdgeAlone) {
  for (const SourceFile& file : sources()) {
    if (file.path.starts_with("tests/")) continue;  // a test may ask a library for a second opinion
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string header = between(file.lines[i], "#include <", ">");
      for (const Edge& edge : kEdges) {
        if (header.empty() || !header.starts_with(edge.library)) continue;
        const bool here = std::any_of(edge.allowed.begin(), edge.allowed.end(),
                                      [&](std::string_view path) { return file.path.starts_with(path); });
        EXPECT_TRUE(here) << file.at(i) << " names " << header;
      }
    }
  }
}

TEST(Includes, AreGuardedInEveryHeader) {
  for (const SourceFile& file : sources()) {
    if (!file.is_header()) continue;
    const bool guarded = std::find(file.lines.begin(), file.lines.end(), "#pragma once") !=
                         file.lines.end();
    EXPECT_TRUE(guarded) << file.path << " has no #pragma once";
  }
}

}  // namespace
}  // namespace veilroute::house
