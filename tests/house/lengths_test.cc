// Files and functions stay short enough to be read in one go. A table of data may be longer; each
// exception stands here with its reason.
#include <gtest/gtest.h>

#include <map>

#include "tests/house/sources.h"

namespace veilroute::house {
namespace {

constexpr std::size_t kLongestFile = 400;
constexpr std::size_t kLongestFunction = 60;

const std::map<std::string, const char*>& long_files() {
  static const std::map<std::string, const char*> table = {
      {"app/advice.cc", "a table: one row for each slug"},
      {"config/keys.cc", "a table: one row for each key"},
      {"tests/dicom/codestream_test.cc", "a table: one row for each thing beside a picture"},
      {"tests/dicom/scanner_test.cc", "a table: one row for each kind of damage"},
      {"tests/router/dicom_sender_test.cc", "one fixture and its table of what a receiver may do"},
      {"tests/store/ledger_inspect_test.cc", "a table: one row for each way to tamper"},
      {"tests/profiles/identities.cc", "tables: one row for each fact and each character set"},
      {"tests/profiles/planter.cc", "a table: one row for each odd place"},
      {"tests/scp/association_test.cc", "one fixture and its table of what a sender may do"},
  };
  return table;
}

TEST(Lengths, OfFilesAreFourHundredLinesAtMost) {
  for (const SourceFile& file : sources()) {
    if (long_files().contains(file.path)) continue;
    EXPECT_LE(file.lines.size(), kLongestFile) << file.path;
  }
  for (const auto& [path, reason] : long_files()) {
    EXPECT_TRUE(std::filesystem::exists(root() / path)) << path << " is excepted and not there";
  }
}

struct Function {
  std::size_t begin = 0;
  std::size_t end = 0;
};

bool stands_at(const std::string& line, std::size_t indent) {
  return line.find_first_not_of(' ') == indent;
}

bool begins_something_else(std::string_view word) {
  for (const char* other : {"namespace", "class ", "struct ", "enum ", "template", "public:",
                            "private:", "extern", "#", "/", "}", "case ", "using "}) {
    if (word.starts_with(other)) return true;
  }
  return false;
}

/// The function whose signature begins at a line, if one does: it opens its brace some lines later
/// and closes it where it began. `indent` 0: of a namespace; 2: of a class.
bool function_at(const SourceFile& file, std::size_t indent, Function& at) {
  const auto& lines = file.lines;
  if (!stands_at(lines[at.begin], indent)) return false;
  if (begins_something_else(std::string_view(lines[at.begin]).substr(indent))) return false;
  std::size_t open = at.begin;
  std::string signature = lines[open];
  while (!signature.ends_with("{") && !signature.ends_with(";") && !signature.ends_with("}")) {
    if (++open == lines.size() || stands_at(lines[open], indent)) return false;
    signature += lines[open];
  }
  const bool table = signature.ends_with("= {") || signature.ends_with("{{") ||
                     signature.ends_with("({");
  if (!signature.ends_with("{") || table || signature.find('(') == std::string::npos) return false;
  const std::string closing = std::string(indent, ' ') + "}";
  for (at.end = open + 1; at.end < lines.size(); ++at.end) {
    if (lines[at.end] == closing) return true;
    if (lines[at.end].starts_with(closing)) return false;  // "};": a lambda or a type
  }
  return false;
}

TEST(Lengths, OfFunctionsAreOneScreenAtMost) {
  std::size_t found = 0;
  for (const SourceFile& file : sources()) {
    for (const std::size_t indent : {std::size_t{0}, std::size_t{2}}) {
      for (Function one; one.begin < file.lines.size(); ++one.begin) {
        if (!function_at(file, indent, one)) continue;
        ++found;
        if (long_files().contains(file.path)) continue;
        EXPECT_LE(one.end - one.begin + 1, kLongestFunction)
            << file.at(one.begin) << " " << file.lines[one.begin];
      }
    }
  }
  EXPECT_GT(found, 500U) << "the check found no functions to check";
}

}  // namespace
}  // namespace veilroute::house
