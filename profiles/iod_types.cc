// Reads standard/iod-*.tsv into a tree of paths, and for each IOD one Type for each path.
#include "profiles/iod_types.h"

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/crypto.h"
#include "core/dicom/padding.h"
#include "profiles/table_text.h"

extern "C" {
extern const char veilroute_table_iod_types[];
extern const char veilroute_table_iod_types_end[];
extern const char veilroute_table_iod_groups[];
extern const char veilroute_table_iod_groups_end[];
extern const char veilroute_table_iod_classes[];
extern const char veilroute_table_iod_classes_end[];
}

namespace veilroute::profiles {
namespace {

using dicom::Tag;

constexpr Tag kContentItems{0x0040, 0xA730};
constexpr Tag kContextGroupVersion{0x0008, 0x0106}, kContextGroupLocalVersion{0x0008, 0x0107};

std::string_view types_text() {
  return embedded_table(veilroute_table_iod_types, veilroute_table_iod_types_end);
}
std::string_view groups_text() {
  return embedded_table(veilroute_table_iod_groups, veilroute_table_iod_groups_end);
}
std::string_view classes_text() {
  return embedded_table(veilroute_table_iod_classes, veilroute_table_iod_classes_end);
}

/// Overlays and curves repeat in sixteen groups and have one row.
std::uint32_t step_of(Tag tag) {
  const std::uint16_t family = tag.group & 0xFF00U;
  if (family == 0x5000U || family == 0x6000U) tag.group = family;
  return tag.packed();
}

std::uint32_t step_of_text(std::string_view digits) {
  std::string plain(digits);
  if (plain.find("xx") == 2) plain.replace(2, 2, "00");
  const auto tag = dicom::parse_tag(plain);
  if (!tag) die("iod-types.tsv has an unreadable tag");
  return tag->packed();
}

struct IodRow {
  std::size_t iod = 0;
  bool complete = false;
};

class IodTables {
 public:
  IodTables() {
    read_classes();
    read_groups();
    read_types();
  }

  [[nodiscard]] const IodRow* find_class(std::string_view uid) const {
    const auto row = classes_.find(uid);
    return row == classes_.end() ? nullptr : &row->second;
  }

  /// The node below `node`; 0, which is the root and below nothing, when there is none.
  [[nodiscard]] std::size_t step(std::size_t node, std::uint32_t tag) const {
    const auto next = nodes_.find((static_cast<std::uint64_t>(node) << 32U) | tag);
    return next == nodes_.end() ? 0 : next->second;
  }

  [[nodiscard]] Type type_at(std::size_t node, std::size_t iod) const {
    const std::vector<Type>& types = types_[node];
    return types.empty() ? Type::three : types[iod];
  }

  [[nodiscard]] std::size_t iod_count() const { return iods_.size(); }

 private:
  void read_classes() {
    for_each_line(classes_text(), [this](std::string_view line) {
      const std::string_view uid = take_until(line, '\t');
      take_until(line, '\t');  // the class's name
      const std::string_view name = take_until(line, '\t');
      if (line != "full" && line != "partial") die("iod-sop-classes.tsv has an unknown coverage");
      const std::size_t iod = iods_.try_emplace(name, iods_.size()).first->second;
      classes_.emplace(uid, IodRow{iod, line == "full"});
    });
  }

  void read_groups() {
    for_each_line(groups_text(), [this](std::string_view line) {
      std::vector<std::size_t>& members = groups_[take_until(line, '\t')];
      while (!line.empty()) members.push_back(iod_named(take_until(line, '|')));
    });
  }

  void read_types() {
    types_.emplace_back();  // the root
    for_each_line(types_text(), [this](std::string_view line) {
      std::vector<Type>& types = types_[node_of_path(take_until(line, '\t'))];
      if (types.empty()) types.assign(iods_.size(), Type::three);
      const std::string_view word = take_until(line, '\t');
      if (!word.starts_with('1') && !word.starts_with('2')) die("iod-types.tsv has an odd Type");
      const Type type = word.front() == '1' ? Type::one : Type::two;
      const auto group = groups_.find(line);
      if (group == groups_.end()) {
        types[iod_named(line)] = type;
      } else {
        for (const std::size_t iod : group->second) types[iod] = type;
      }
    });
  }

  std::size_t node_of_path(std::string_view path) {
    std::size_t node = 0;
    while (!path.empty()) {
      const std::uint64_t key =
          (static_cast<std::uint64_t>(node) << 32U) | step_of_text(take_until(path, '/'));
      const auto [next, is_new] = nodes_.try_emplace(key, types_.size());
      if (is_new) types_.emplace_back();
      node = next->second;
    }
    return node;
  }

  std::size_t iod_named(std::string_view name) const {
    const auto iod = iods_.find(name);
    if (iod == iods_.end()) die("iod-types.tsv names an IOD that iod-sop-classes.tsv lacks");
    return iod->second;
  }

  std::unordered_map<std::string_view, IodRow> classes_;
  std::unordered_map<std::string_view, std::size_t> iods_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> groups_;
  std::unordered_map<std::uint64_t, std::size_t> nodes_;  ///< (node, tag) → node below
  std::vector<std::vector<Type>> types_;                  ///< by node, then by IOD
};

const IodTables& iod_tables() {
  static const IodTables kTables;
  return kTables;
}

/// As PS3.3 8.8 has it, wherever the code stands: the tables leave Code Sequence macros out.
bool is_code_version(std::span<const Tag> around, Tag tag) {
  return !around.empty() && (tag == kContextGroupVersion || tag == kContextGroupLocalVersion);
}

/// The node of a path, 0 when the tables have none.
std::size_t find_node(std::span<const Tag> around, Tag tag) {
  const IodTables& tables = iod_tables();
  std::size_t node = 0;
  Tag before{};
  for (const Tag each : around) {
    if (each == kContentItems && before == kContentItems) continue;
    node = tables.step(node, step_of(each));
    if (node == 0) return 0;
    before = each;
  }
  if (tag == kContentItems && before == kContentItems) return node;
  return tables.step(node, step_of(tag));
}

}  // namespace

IodTypes IodTypes::of(const dicom::Dataset& object) {
  const dicom::Element* element = object.find(dicom::tags::SOPClassUID);
  if (element == nullptr || element->holds != dicom::Holds::value) return of_class({});
  return of_class(dicom::trimmed(element->value));
}

IodTypes IodTypes::of_class(std::string_view sop_class) {
  const IodRow* row = iod_tables().find_class(sop_class);
  return row == nullptr ? IodTypes(kNoIod, false) : IodTypes(row->iod, row->complete);
}

Type IodTypes::type_of(std::span<const Tag> around, Tag tag) const {
  if (is_code_version(around, tag)) return Type::one;
  if (iod_ == kNoIod) return Type::unknown;
  const std::size_t node = find_node(around, tag);
  const Type known = node == 0 ? Type::three : iod_tables().type_at(node, iod_);
  // A module that is not known may be stricter, but not than Type 1.
  return complete_ || known == Type::one ? known : Type::unknown;
}

Branch resolve(Code code, Type type) {
  const bool may_be_absent = type == Type::three;
  const bool may_be_empty = type != Type::one;
  switch (code) {
    case Code::X:
      return Branch::remove;
    case Code::Z:
      return may_be_empty ? Branch::empty : Branch::dummy;
    case Code::D:
      return Branch::dummy;
    case Code::U:
      return Branch::uid;
    case Code::Z_D:
      // Without X there is no leave to remove it, Type 3 or not.
      return may_be_empty && type != Type::unknown ? Branch::empty : Branch::dummy;
    case Code::X_Z:
      if (may_be_absent) return Branch::remove;
      return may_be_empty ? Branch::empty : Branch::dummy;
    case Code::X_D:
    case Code::X_Z_D:
      if (may_be_absent) return Branch::remove;
      return type == Type::two ? Branch::empty : Branch::dummy;
    case Code::X_Z_U:
      if (may_be_absent) return Branch::remove;
      return type == Type::two ? Branch::empty : Branch::uid;
  }
  return Branch::remove;
}

std::size_t known_iod_count() { return iod_tables().iod_count(); }

const Digest& iod_tables_digest() {
  static const Digest kDigest = [] {
    crypto::Hasher hasher;
    for (const std::string_view text : {types_text(), groups_text(), classes_text()}) {
      hasher.update(as_bytes(text));
      hasher.update(as_bytes(std::string_view("\0", 1)));
    }
    return hasher.finish();
  }();
  return kDigest;
}

}  // namespace veilroute::profiles
