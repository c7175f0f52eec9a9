// One table of the configuration against the keys it may have: reports what is wrong, hands out what
// is right, and fills in the defaults of keys().
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/load.h"

namespace veilroute::config {

/// The texts of the files that were read, to find where a condition's first character stands.
class SourceTexts {
 public:
  void add(std::string file, std::string text) { texts_.emplace_back(std::move(file), std::move(text)); }
  /// The place of the first character inside the quotation marks of the text value at `value`.
  [[nodiscard]] toml::Place inside(const toml::Place& value) const;
  /// Files in the order in which they were read.
  [[nodiscard]] std::size_t rank(const std::string& file) const;

 private:
  std::vector<std::pair<std::string, std::string>> texts_;
};

/// What readers share.
struct Reading {
  std::filesystem::path folder;  ///< the site's, absolute
  SourceTexts texts;
  std::vector<Problem> problems;
};

/// The values are checked when the reader is made; a getter of a key that was wrong gives the
/// fallback or an empty value, which nobody sees: there is then no Config.
class TableReader {
 public:
  /// `table` as in KeyInfo; `label` opens each message: `listener "ward"`.
  TableReader(const toml::Node& node, std::string table, std::string label, Reading& reading);

  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] std::uint64_t number(std::string_view key) const;
  [[nodiscard]] double real(std::string_view key) const;
  [[nodiscard]] bool truth(std::string_view key) const;
  [[nodiscard]] Duration duration(std::string_view key) const;
  [[nodiscard]] std::chrono::seconds seconds(std::string_view key) const;
  [[nodiscard]] std::uint64_t size(std::string_view key) const;
  [[nodiscard]] std::chrono::year_month_day date(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> list(std::string_view key) const;
  /// Absolute; empty where the key is not there.
  [[nodiscard]] std::filesystem::path path(std::string_view key) const;
  [[nodiscard]] Condition condition(std::string_view key) const;
  /// The table below a key; an empty one, with its defaults, where the key is not there. What is
  /// wrong inside of it was reported with this table already.
  [[nodiscard]] TableReader below(std::string_view key) const;

  /// Whether the key was written, right or wrong.
  [[nodiscard]] bool has(std::string_view key) const { return node_->find(key) != nullptr; }
  /// Whether what was written is not what the key takes, which is reported already.
  [[nodiscard]] bool is_faulty(std::string_view key) const;
  /// The value's place, or the table's where the key is not there.
  [[nodiscard]] toml::Place place(std::string_view key) const;
  /// The place of the first character inside a text value's quotation marks.
  [[nodiscard]] toml::Place inside(std::string_view key) const {
    return reading_->texts.inside(place(key));
  }
  [[nodiscard]] const toml::Place& place() const { return node_->place; }
  [[nodiscard]] const std::string& label() const { return label_; }
  /// The site's, absolute: what paths are relative to.
  [[nodiscard]] const std::filesystem::path& folder() const { return reading_->folder; }
  void problem(const toml::Place& where, const std::string& what, std::string slug,
               bool warning = false) const;

 private:
  struct Silent {};
  TableReader(Silent, const toml::Node& node, std::string table, std::string label,
              Reading& reading)
      : node_(&node), table_(std::move(table)), label_(std::move(label)), reading_(&reading) {}

  void check_members();
  void check_member(const KeyInfo& info, const toml::Node& value);
  void report_unknown(const std::string& key);
  [[nodiscard]] const toml::Node* find(std::string_view key) const;

  const toml::Node* node_;
  std::string table_;
  std::string label_;
  Reading* reading_;
};

/// `listener "ward"`, or `listener` where the name is missing or no name.
std::string label_of(const std::string& table, const toml::Node& node);

}  // namespace veilroute::config
