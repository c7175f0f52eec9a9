#include "tests/profiles/allowances.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>

namespace veilroute::profiles::proof {
namespace {

constexpr std::size_t kCode = 6;         // "basic"
constexpr std::size_t kFirstOption = 7;  // "rtn_safe_priv"

const std::vector<std::string>& table_header() {
  static const std::vector<std::string> kHeader = [] {
    std::vector<std::string> header;
    rows_of("profiles/standard/ps3.15-e.1-1.tsv", &header);
    return header;
  }();
  return kHeader;
}

bool says(dicom::Tag tag, const std::vector<std::string>& columns, const std::string& code) {
  const Printed* row = printed_row(tag);
  if (row == nullptr) return false;
  for (std::size_t i = 0; i < row->options.size(); ++i) {
    const std::string& column = table_header()[kFirstOption + i];
    if (row->options[i] == code &&
        std::find(columns.begin(), columns.end(), column) != columns.end()) {
      return true;
    }
  }
  return false;
}

Dates dates_of(const std::string& word) {
  static const std::map<std::string, Dates> kWords{{"removed", Dates::removed},
                                                   {"years", Dates::years},
                                                   {"shifted", Dates::shifted},
                                                   {"kept", Dates::kept}};
  const auto found = kWords.find(word);
  EXPECT_NE(found, kWords.end()) << word;
  return found == kWords.end() ? Dates::removed : found->second;
}

}  // namespace

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == at) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::vector<Row> rows_of(const std::string& path_in_source, std::vector<std::string>* header) {
  std::ifstream in(std::string(VEILROUTE_SOURCE_DIR "/") + path_in_source);
  EXPECT_TRUE(in.good()) << path_in_source << " is missing";
  std::vector<Row> rows;
  std::string line;
  std::getline(in, line);
  if (header != nullptr) *header = split(line, '\t');
  while (std::getline(in, line)) {
    if (!line.empty()) rows.push_back(split(line, '\t'));
  }
  return rows;
}

bool Allowance::keeps(dicom::Tag tag) const { return says(tag, columns, "K"); }
bool Allowance::cleans(dicom::Tag tag) const { return says(tag, columns, "C"); }

std::vector<Judged> judged_profiles() {
  std::map<std::string, Allowance> known;
  for (const Row& row : rows_of("tests/profiles/allowances.tsv")) {
    if (row.size() != 3) {
      ADD_FAILURE() << "allowances.tsv: a row has three cells";
      continue;
    }
    known[row[0]] = {dates_of(row[2]),
                     row[1] == "-" ? std::vector<std::string>{} : split(row[1], ',')};
  }
  std::vector<Judged> judged;
  for (const auto& profile : Library::shipped().all()) {
    if (!profile->deidentifies) continue;
    const auto found = known.find(profile->name.value);
    EXPECT_NE(found, known.end()) << "say in allowances.tsv what the profile "
                                  << profile->name.value << " may leave";
    if (found != known.end()) judged.push_back({profile, found->second});
  }
  EXPECT_FALSE(judged.empty());
  return judged;
}

const std::vector<Printed>& printed_table() {
  static const std::vector<Printed> kTable = [] {
    std::vector<Printed> table;
    for (const Row& cells : rows_of("profiles/standard/ps3.15-e.1-1.tsv")) {
      Printed row;
      row.text = cells[0];
      row.code = cells[kCode];
      row.tag = dicom::parse_tag(cells[0]).value_or(dicom::Tag{});
      if (cells[3].size() >= 2) row.vr = dicom::vr_of(cells[3][0], cells[3][1]);
      for (std::size_t i = kFirstOption; i + 1 < cells.size(); ++i) row.options.push_back(cells[i]);
      table.push_back(std::move(row));
    }
    return table;
  }();
  return kTable;
}

const Printed* printed_row(dicom::Tag tag) {
  static const std::map<std::uint32_t, const Printed*> kByTag = [] {
    std::map<std::uint32_t, const Printed*> by_tag;
    for (const Printed& row : printed_table()) {
      if (row.tag != dicom::Tag{}) by_tag.emplace(row.tag.packed(), &row);
    }
    return by_tag;
  }();
  const auto found = kByTag.find(tag.packed());
  return found == kByTag.end() ? nullptr : found->second;
}

}  // namespace veilroute::profiles::proof
