// Table E.1-1 as verify sees it.
#include "profiles/verify_table.h"

#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <vector>

extern "C" {
extern const char veilroute_table_e11[];
extern const char veilroute_table_e11_end[];
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

std::map<std::uint32_t, Demand> read_table() {
  std::map<std::uint32_t, Demand> table;
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
    table.emplace(packed, demand);
  }
  return table;
}

}  // namespace

Demand demand_for(dicom::Tag tag) {
  static const std::map<std::uint32_t, Demand> kTable = read_table();
  const auto found = kTable.find(tag.packed());
  return found == kTable.end() ? Demand{} : found->second;
}

}  // namespace veilroute::profiles
