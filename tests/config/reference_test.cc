// reference.md shows what keys() says, row by row, and every group of SOP classes.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <regex>

#include "config/load.h"
#include "config/retry.h"
#include "config/sop_groups.h"
#include "core/base/files.h"

namespace veilroute::config {
namespace {

const std::filesystem::path kReference = VEILROUTE_SOURCE_DIR "/config/reference.md";
constexpr const char* kEnd = "<!-- keys: end -->";

std::string escaped(std::string text) {
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) {
    text.insert(at, "\\");
  }
  return text;
}

/// `[site]`, `[[listener]]`; a table inside another is written inside its block.
std::string heading(const std::string& table) {
  const std::size_t dot = table.find('.');
  if (table == "destination.retry.CLASS") {
    return "`destination.retry.CLASS`: the table of a class of errors in a `[destination.retry]`";
  }
  if (dot != std::string::npos) {
    return "`" + table + "`: the table `" + table.substr(dot + 1) + "` in a `[[" +
           table.substr(0, dot) + "]]`";
  }
  const bool one_only = table == "site" || table == "completion" || table == "spool" || table == "outbox" ||
                        table == "commitment" || table == "retention" || table == "log";
  return one_only ? "`[" + table + "]`" : "`[[" + table + "]]`, one for each";
}

std::string default_of(const KeyInfo& info) {
  if (info.fallback == "required" || info.fallback == "none") return "*" + info.fallback + "*";
  return "`" + info.fallback + "`";
}

std::string row(const KeyInfo& info) {
  return "| `" + info.key + "` | " + info.type + " | " + escaped(info.range) + " | " +
         escaped(default_of(info)) + " | " + escaped(info.what) + " |\n";
}

std::string all_rows() {
  std::string text;
  std::string table;
  for (const KeyInfo& info : keys()) {
    if (info.table != table) {
      table = info.table;
      text += "\n### " + heading(table) + "\n\n| Key | Type | Range | Default | What it is |\n" +
              "|---|---|---|---|---|\n";
    }
    text += row(info);
  }
  return text + "\n";
}

std::string reference() {
  const auto text = read_text_file(kReference);
  EXPECT_TRUE(text.ok());
  return text.ok() ? *text : "";
}

TEST(Reference, ShowsEveryKey) {
  const std::string text = reference();
  const std::size_t begin = text.find('\n', text.find("<!-- keys: begin")) + 1;
  const std::size_t end = text.find(kEnd);
  ASSERT_TRUE(begin != 0 && end != std::string::npos && begin <= end);
  if (std::getenv("VEILROUTE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(kReference) << text.substr(0, begin) << all_rows() << text.substr(end);
    return;
  }
  EXPECT_EQ(text.substr(begin, end - begin), all_rows());
}

TEST(Reference, DescribesEveryTypeAndSaysSomethingOfEveryKey) {
  const std::string text = reference();
  for (const KeyInfo& info : keys()) {
    EXPECT_NE(text.find("\n| " + info.type + " | "), std::string::npos) << info.type;
    EXPECT_TRUE(info.what.ends_with(".") && info.what.size() > 10) << info.table << "." << info.key;
  }
}

TEST(Reference, ShowsEveryGroupOfSopClasses) {
  const std::string text = reference();
  const std::size_t begin = text.find("<!-- groups: begin -->");
  const std::size_t end = text.find("<!-- groups: end -->");
  ASSERT_TRUE(begin != std::string::npos && end != std::string::npos);
  const std::string rows = text.substr(begin, end - begin);
  const std::regex form("\n\\| `([a-z-]+)` \\| .+ \\|");
  std::vector<std::string> shown;
  for (std::sregex_iterator at(rows.begin(), rows.end(), form), last; at != last; ++at) {
    shown.push_back((*at)[1]);
  }
  EXPECT_EQ(shown, sop_group_names());
}

std::string in_words(std::chrono::seconds length) {
  const auto count = length.count();
  return count % 60 == 0 ? std::to_string(count / 60) + " min" : std::to_string(count) + " s";
}

TEST(Reference, ShowsHowEachClassOfErrorsIsTriedAgain) {
  const std::string text = reference();
  for (const FailureClass one : all_failure_classes()) {
    const RetryPolicy policy = default_policy(one);
    const std::string end =
        policy.most_attempts == 0
            ? "never"
            : std::to_string(policy.most_attempts) +
                  (policy.at_end == AtEnd::hold ? ", then held" : ", then refused");
    const std::string row = "\n| `" + std::string(to_string(one)) + "` | " +
                            in_words(policy.first_delay) + " | \u00d7 " +
                            std::to_string(static_cast<int>(policy.factor)) + " | " +
                            in_words(policy.longest_delay) + " | " + end + " |";
    EXPECT_NE(text.find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace veilroute::config
