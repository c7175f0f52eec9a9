// Table E.1-1 as verify sees it.
#include "profiles/verify_table.h"

#include <cstdint>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "profiles/rules.h"

extern "C" {
extern const char veilroute_table_e11[];
extern const char veilroute_table_e11_end[];
extern const char veilroute_table_unlisted[];
extern const char veilroute_table_unlisted_end[];
extern const char veilroute_table_safe_private[];
extern const char veilroute_table_safe_private_end[];
}

namespace veilroute::profiles {
namespace {

Demand demand_of(const std::string& vr, const std::string& code) {
  Demand demand;
  demand.listed = true;
  demand.is_uid = vr == "UI" && code != "X";
  demand.may_be_present = code != "X";
  // Any D, alone or as a branch, permits a dummy; Z and X/Z permit nothing but emptiness here. The
  // sequences of X/Z/U* keep items whose references are replaced.
  demand.may_be_filled = code.find('D') != std::string::npos || code.find('U') != std::string::npos;
  return demand;
}

struct TableLine {
  Demand demand;
  std::string options;  ///< one mark for each: 'K', 'C' or '-'
};

/// The marks of the ten columns behind the Basic Profile's.
std::string marks_of(const std::vector<std::string>& cells) {
  constexpr std::size_t kColumnOfFirst = 7;
  std::string marks;
  for (std::size_t i = 0; i < kOptionCount; ++i) {
    const bool there = kColumnOfFirst + i < cells.size() && !cells[kColumnOfFirst + i].empty();
    marks += there ? cells[kColumnOfFirst + i].front() : '-';
  }
  return marks;
}

std::map<std::uint32_t, TableLine> read_table() {
  std::map<std::uint32_t, TableLine> table;
  std::istringstream lines(std::string(veilroute_table_e11, veilroute_table_e11_end));
  std::string line;
  std::getline(lines, line);  // the header
  while (std::getline(lines, line)) {
    std::vector<std::string> cells;
    std::istringstream fields(line);
    for (std::string cell; std::getline(fields, cell, '\t');) cells.push_back(cell);
    if (cells.size() < 7 || cells[0].size() != 11) continue;
    const std::string digits = cells[0].substr(1, 4) + cells[0].substr(6, 4);
    if (digits.find_first_not_of("0123456789ABCDEF") != std::string::npos) continue;
    const auto packed = static_cast<std::uint32_t>(std::stoul(digits, nullptr, 16));
    Demand demand = demand_of(cells[3], cells[6]);
    demand.code_names_someone =
        cells[2] == "InstitutionCodeSequence" || cells[2] == "PersonIdentificationCodeSequence";
    table.emplace(packed, TableLine{demand, marks_of(cells)});
  }
  return table;
}

}  // namespace

namespace {

/// Calls `row` with the cells of every line behind the header.
template <typename Each>
void each_line(const char* begin, const char* end, Each row) {
  std::istringstream lines(std::string(begin, end));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::vector<std::string> cells;
    std::istringstream fields(line);
    for (std::string cell; std::getline(fields, cell, '\t');) cells.push_back(cell);
    row(cells);
  }
}

std::string key_of_safe(std::string_view creator, unsigned group, unsigned low_byte) {
  return std::string(creator) + '\t' + std::to_string(group) + '\t' + std::to_string(low_byte);
}

struct SafeList {
  std::set<std::string, std::less<>> elements;
  std::set<std::string, std::less<>> creators;
};

const SafeList& safe_list() {
  static const SafeList kList = [] {
    SafeList list;
    each_line(veilroute_table_safe_private, veilroute_table_safe_private_end,
              [&list](const std::vector<std::string>& cells) {
                if (cells.size() < 3) return;
                list.creators.insert(cells[0]);
                list.elements.insert(
                    key_of_safe(cells[0], static_cast<unsigned>(std::stoul(cells[1], nullptr, 16)),
                                static_cast<unsigned>(std::stoul(cells[2], nullptr, 16))));
              });
    return list;
  }();
  return kList;
}

}  // namespace

bool may_hold_text(dicom::Tag tag) {
  static const auto kTags = [] {
    std::set<std::string> tags;
    each_line(veilroute_table_unlisted, veilroute_table_unlisted_end,
              [&tags](const std::vector<std::string>& cells) {
                if (cells.size() >= 4 && cells[3] != "-") tags.insert(cells[0]);
              });
    return tags;
  }();
  return kTags.contains(dicom::to_text(tag));
}

bool is_listed_as_safe(std::string_view creator, std::uint16_t group, unsigned low_byte) {
  return safe_list().elements.contains(key_of_safe(creator, group, low_byte));
}

bool is_creator_of_safe(std::string_view creator) { return safe_list().creators.contains(creator); }

Demand demand_for(dicom::Tag tag, const Options& options) {
  static const std::map<std::uint32_t, TableLine> kTable = read_table();
  const auto found = kTable.find(tag.packed());
  if (found == kTable.end()) return {};
  Demand demand = found->second.demand;
  if (options.empty() || is_beyond_rules(tag) || tag == dicom::tags::AccessionNumber) return demand;
  for (const Option option : all_options()) {
    if (!options.has(option)) continue;
    const char mark = found->second.options[static_cast<std::size_t>(option)];
    demand.is_retained = demand.is_retained || mark == 'K';
    // The zone goes when dates are moved (deid.md trap 34).
    demand.is_cleaned = demand.is_cleaned || (mark == 'C' && tag != dicom::Tag{0x0008, 0x0201});
  }
  // Asked for both, what is cleaned says less.
  if (demand.is_cleaned) demand.is_retained = false;
  return demand;
}

}  // namespace veilroute::profiles
