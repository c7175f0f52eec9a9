// Reads the tables in standard/; their digest and edition are part of every profile's version.
#include "profiles/standard_table.h"

#include <array>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/crypto.h"

extern "C" {
extern const char veilroute_table_e11[];
extern const char veilroute_table_e11_end[];
extern const char veilroute_table_e11_gaps[];
extern const char veilroute_table_e11_gaps_end[];
extern const char veilroute_table_cid7050[];
extern const char veilroute_table_cid7050_end[];
extern const char veilroute_table_unlisted[];
extern const char veilroute_table_unlisted_end[];
}

namespace veilroute::profiles {
namespace {

using dicom::Tag;

std::string_view embedded(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}
std::string_view e11_text() { return embedded(veilroute_table_e11, veilroute_table_e11_end); }
std::string_view gaps_text() {
  return embedded(veilroute_table_e11_gaps, veilroute_table_e11_gaps_end);
}
std::string_view method_text() {
  return embedded(veilroute_table_cid7050, veilroute_table_cid7050_end);
}
std::string_view unlisted_text() {
  return embedded(veilroute_table_unlisted, veilroute_table_unlisted_end);
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// Calls `row` with the cells of each line after the header line. A table is part of the program:
/// one that cannot be read ends the process rather than de-identify with half a table.
template <typename Row>
void for_each_row(std::string_view table, std::size_t cells, Row row) {
  bool header = true;
  for (const std::string_view line : split(table, '\n')) {
    if (!std::exchange(header, false) && !line.empty()) {
      const std::vector<std::string_view> fields = split(line, '\t');
      if (fields.size() < cells) die("a standard table has a short row");
      row(fields);
    }
  }
}

dicom::Vr vr_of_text(std::string_view text) {
  // "OB/OW": the first one; which of the two an object uses does not change its treatment.
  return text.size() < 2 ? dicom::Vr::none : dicom::vr_of(text[0], text[1]);
}

Code code_of(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, Code>, 9> kCodes{{
      {"D", Code::D},
      {"Z", Code::Z},
      {"X", Code::X},
      {"U", Code::U},
      {"Z/D", Code::Z_D},
      {"X/Z", Code::X_Z},
      {"X/D", Code::X_D},
      {"X/Z/D", Code::X_Z_D},
      {"X/Z/U*", Code::X_Z_U},
  }};
  for (const auto& [word, code] : kCodes) {
    if (word == text) return code;
  }
  die("Table E.1-1 has an unknown action code");
}

Shape shape_of(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, Shape>, 8> kShapes{{
      {"-", Shape::none},
      {"code", Shape::code},
      {"device", Shape::device},
      {"version", Shape::version},
      {"token", Shape::token},
      {"phrase", Shape::phrase},
      {"method", Shape::method},
      {"bulk", Shape::bulk},
  }};
  for (const auto& [word, shape] : kShapes) {
    if (word == text) return shape;
  }
  die("unlisted.tsv has an unknown shape");
}

Action otherwise_of(std::string_view text) {
  if (text == "remove") return Action::remove;
  if (text == "empty") return Action::empty;
  if (text == "dummy") return Action::dummy;
  die("unlisted.tsv has an unknown action");
}

struct Tables {
  std::unordered_map<std::uint32_t, StandardRow> listed;
  std::unordered_map<std::uint32_t, std::string_view> gaps;
  std::unordered_map<std::uint32_t, UnlistedRow> unlisted;
  std::vector<std::pair<std::string_view, std::string_view>> methods;
  StandardRow curves;
  StandardRow overlay_data;
  StandardRow overlay_comments;
  StandardRow private_attributes;
  std::size_t rows = 0;
  Digest digest{};
};

constexpr std::size_t kFirstOption = 7;  ///< column of Table E.1-1

char mark_of(std::string_view cell) {
  if (cell.empty()) return ' ';
  if (cell == "K" || cell == "C") return cell.front();
  die("Table E.1-1 has an unknown mark under an option");
}

void read_standard_row(const std::vector<std::string_view>& cells, Tables& tables) {
  StandardRow row;
  row.vr = vr_of_text(cells[3]);
  row.code_text = cells[6];
  row.code = code_of(row.code_text);
  for (std::size_t i = 0; i < kOptionCount; ++i) row.options[i] = mark_of(cells[kFirstOption + i]);
  ++tables.rows;
  if (const std::optional<Tag> tag = dicom::parse_tag(cells[0])) {
    row.tag = *tag;
    tables.listed.emplace(tag->packed(), row);
  } else if (cells[0] == "(50xx,xxxx)") {
    tables.curves = row;
  } else if (cells[0] == "(60xx,3000)") {
    tables.overlay_data = row;
  } else if (cells[0] == "(60xx,4000)") {
    tables.overlay_comments = row;
  } else if (cells[0] == "(odd,xxxx)") {
    tables.private_attributes = row;
  } else {
    die("Table E.1-1 has an unknown pattern row");
  }
}

Tables read_tables() {
  Tables tables;
  for_each_row(e11_text(), kFirstOption + kOptionCount, [&](const auto& cells) { read_standard_row(cells, tables); });
  for_each_row(gaps_text(), 6, [&](const auto& cells) {
    if (const auto tag = dicom::parse_tag(cells[0])) tables.gaps.emplace(tag->packed(), cells[4]);
  });
  for_each_row(unlisted_text(), 5, [&](const auto& cells) {
    const auto tag = dicom::parse_tag(cells[0]);
    if (!tag) die("unlisted.tsv has an unreadable tag");
    tables.unlisted.emplace(tag->packed(),
                            UnlistedRow{*tag, shape_of(cells[3]), otherwise_of(cells[4])});
  });
  for_each_row(method_text(), 3,
               [&](const auto& cells) { tables.methods.emplace_back(cells[1], cells[2]); });
  crypto::Hasher hasher;
  for (const std::string_view text : {e11_text(), gaps_text(), method_text(), unlisted_text()}) {
    hasher.update(as_bytes(text));
    hasher.update(as_bytes(std::string_view("\0", 1)));
  }
  tables.digest = hasher.finish();
  return tables;
}

const Tables& tables() {
  static const Tables kTables = read_tables();
  return kTables;
}

}  // namespace

const StandardRow* find_standard_row(Tag tag) {
  const Tables& all = tables();
  if (tag.is_private()) return &all.private_attributes;
  const auto row = all.listed.find(tag.packed());
  if (row != all.listed.end()) return &row->second;
  if ((tag.group & 0xFF00U) == 0x5000U) return &all.curves;
  if ((tag.group & 0xFF00U) == 0x6000U && tag.element == 0x3000U) return &all.overlay_data;
  if ((tag.group & 0xFF00U) == 0x6000U && tag.element == 0x4000U) return &all.overlay_comments;
  return nullptr;
}

std::size_t standard_row_count() { return tables().rows; }

const UnlistedRow* find_unlisted_row(Tag tag) {
  const auto row = tables().unlisted.find(tag.packed());
  return row == tables().unlisted.end() ? nullptr : &row->second;
}

std::string_view gap_class(Tag tag) {
  const auto row = tables().gaps.find(tag.packed());
  return row == tables().gaps.end() ? std::string_view{} : row->second;
}

std::string_view method_meaning(std::string_view code_value) {
  for (const auto& [value, meaning] : tables().methods) {
    if (value == code_value) return meaning;
  }
  return {};
}

const Digest& standard_tables_digest() { return tables().digest; }

}  // namespace veilroute::profiles
